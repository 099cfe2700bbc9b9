//! Secrets stay in pockets and on cards.

use crate::engineer::good_bundle;
use crate::pockets;
use crate::stage::{DELEGATION, ROOT_GENERATION, Stage};

#[test]
fn no_half_and_no_share_is_in_any_other_file_or_on_the_screen() {
    let stage = Stage::empty();
    let mut said = stage.run(ROOT_GENERATION, None).done().out.clone();
    said.push_str(&stage.run(DELEGATION, Some(&good_bundle(&stage))).done().out);

    let files = stage.files();
    let secrets = pockets::in_pockets(files.iter().map(|(path, bytes)| (&**path, &**bytes)));
    pockets::assert_none_in(said.as_bytes(), &secrets, "the screen");
    for (path, bytes) in &files {
        if !path.starts_with(stage.path("pockets")) {
            pockets::assert_none_in(bytes, &secrets, &path.display().to_string());
        }
    }
}
