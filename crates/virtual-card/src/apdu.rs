//! Between the reader and opcard: command chaining and GET RESPONSE (ISO 7816-4, 5.3.3 and 5.3.4).

use heapless::{Vec as Buffer, VecView};
use iso7816::{
    Command, Instruction, Status,
    command::{CommandView, FromSliceError},
};

/// The longest command and response, as opcard's extended length information (7F66) has it.
const LONGEST: usize = 0x1DB9;

/// The commands and responses of one power cycle.
pub(crate) struct Transport {
    chain: Option<Command<LONGEST>>,
    response: Buffer<u8, LONGEST>,
    given: usize,
}

/// What executes a whole command.
pub(crate) type Execute<'a> = dyn FnMut(CommandView<'_>, &mut VecView<u8>) -> Result<(), Status> + 'a;

impl Transport {
    pub(crate) fn new() -> Self {
        Self { chain: None, response: Buffer::new(), given: 0 }
    }

    /// Answers one command APDU.
    pub(crate) fn exchange(&mut self, apdu: &[u8], execute: &mut Execute<'_>) -> Vec<u8> {
        let (data, status) = self.handle(apdu, execute).unwrap_or_else(|status| (&[], status));
        [data, &<[u8; 2]>::from(status)].concat()
    }

    fn handle(&mut self, apdu: &[u8], execute: &mut Execute<'_>) -> Result<(&[u8], Status), Status> {
        let Some(command) = self.gather(parse(apdu)?)? else {
            return Ok((&[], Status::Success));
        };
        if command.instruction() != Instruction::GetResponse {
            self.response.clear();
            self.given = 0;
            execute(command.as_view(), &mut self.response)?;
        } else if self.given == self.response.len() {
            return Err(Status::ConditionsOfUseNotSatisfied);
        }
        Ok(self.give(command.expected()))
    }

    /// The whole command, once its last part is here.
    fn gather(&mut self, part: Command<LONGEST>) -> Result<Option<Command<LONGEST>>, Status> {
        let whole = match self.chain.take() {
            Some(mut begun) if begun.instruction() == part.instruction() => {
                begun.extend_from_command(&part).map_err(|_| Status::WrongLength)?;
                begun
            }
            _ => part,
        };
        if whole.class().chain().last_or_only() {
            return Ok(Some(whole));
        }
        self.chain = Some(whole);
        Ok(None)
    }

    /// The next bytes of the response.
    fn give(&mut self, expected: usize) -> (&[u8], Status) {
        let rest = self.response.get(self.given..).unwrap_or_default();
        let (now, later) = rest.split_at(expected.min(rest.len()));
        self.given += now.len();
        let status = match later.len() {
            0 => Status::Success,
            more => Status::MoreAvailable(u8::try_from(more).unwrap_or(u8::MAX)),
        };
        (now, status)
    }
}

fn parse(apdu: &[u8]) -> Result<Command<LONGEST>, Status> {
    apdu.try_into().map_err(|error| match error {
        FromSliceError::InvalidClass => Status::ClassNotSupported,
        FromSliceError::InvalidFirstBodyByteForExtended => Status::UnspecifiedCheckingError,
        FromSliceError::InvalidSliceLength | FromSliceError::TooLong | FromSliceError::TooShort => Status::WrongLength,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Answers with the command's data.
    fn echo(command: CommandView<'_>, response: &mut VecView<u8>) -> Result<(), Status> {
        response.extend_from_slice(command.data()).map_err(|_| Status::WrongLength)
    }

    #[test]
    fn a_long_response_comes_in_parts() {
        let mut transport = Transport::new();
        assert_eq!(transport.exchange(&[0, 1, 0, 0, 3, 7, 8, 9, 2], &mut echo), [7, 8, 0x61, 1]);
        assert_eq!(transport.exchange(&[0, 0xC0, 0, 0, 0], &mut echo), [9, 0x90, 0]);
        assert_eq!(transport.exchange(&[0, 0xC0, 0, 0, 0], &mut echo), [0x69, 0x85]);
    }

    #[test]
    fn chained_parts_become_one_command() {
        let mut transport = Transport::new();
        assert_eq!(transport.exchange(&[0x10, 1, 0, 0, 1, 7], &mut echo), [0x90, 0]);
        assert_eq!(transport.exchange(&[0x00, 1, 0, 0, 1, 8, 0], &mut echo), [7, 8, 0x90, 0]);
    }

    #[test]
    fn another_command_ends_a_chain() {
        let mut transport = Transport::new();
        assert_eq!(transport.exchange(&[0x10, 1, 0, 0, 1, 7], &mut echo), [0x90, 0]);
        assert_eq!(transport.exchange(&[0x00, 2, 0, 0, 1, 8, 0], &mut echo), [8, 0x90, 0]);
    }

    #[test]
    fn what_is_no_command_is_refused() {
        assert_eq!(Transport::new().exchange(&[0, 1], &mut echo), [0x67, 0]);
    }
}
