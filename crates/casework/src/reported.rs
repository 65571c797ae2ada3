//! The document that came as a report, or beside it, as what a draft begins
//! with.

use cve::id::CveId;
use serde_json::Value;

use crate::case::CaseId;
use crate::desk::Desk;
use crate::error::{Error, Refusal};
use crate::people::Actor;

impl Desk {
    /// The container of the document attached to the case of `id`: a GitHub
    /// advisory, OSV, CSAF, CVE JSON, or what Vulnogram saves. The look at the
    /// file is written to the audit chain, as every one is.
    ///
    /// Takes: `number` of the attachment; without one, the first that can be
    /// read as such a document, which is the report itself where it came as one.
    /// Refuses: an ID the actor may not see; a case without such a document; an
    /// attachment that is none, naming the forms.
    pub(crate) fn reported_document(
        &self,
        actor: &Actor,
        id: CveId,
        number: Option<i64>,
    ) -> Result<Value, Error> {
        let case = self.of_record(actor, id, |reader, _| {
            let line = reader.ledger_line(id)?;
            let case = line.and_then(|line| line.case_id);
            Ok(case.ok_or_else(|| Refusal::not_found(id.to_string()))?)
        })?;
        let case = CaseId::new(case);
        if let Some(number) = number {
            let (file, bytes) = self.attachment(actor, case, number)?;
            return match self.read_document(&bytes, None) {
                Ok(read) => Ok(read.container),
                Err(Error::Refused(refusal)) => Err(no_document(number, &file.name, &refusal)),
                Err(error) => Err(error),
            };
        }
        let texts = self.attachments(actor, case)?;
        for file in texts.iter().filter(|file| file.kind == "text") {
            let (_, bytes) = self.attachment(actor, case, file.number)?;
            match self.read_document(&bytes, None) {
                Ok(read) => return Ok(read.container),
                // Notes and logs lie beside the document.
                Err(Error::Refused(_)) => {}
                Err(error) => return Err(error),
            }
        }
        let problem = format!(
            "case {case} has no attachment that is a GitHub advisory, OSV, CSAF, CVE JSON or \
             Vulnogram document: begin with the report's own fields (`--from report`), or with a \
             file (`--from FILE`)"
        );
        Err(Refusal::invalid("report", problem).into())
    }
}

/// Says that the attachment that was named is no document of others.
fn no_document(number: i64, name: &str, refusal: &Refusal) -> Error {
    let problem = format!(
        "`{number}` ({name}) is no document a draft can begin with ({refusal}): expected a GitHub \
         advisory, OSV, CSAF, CVE JSON or Vulnogram document; leave the number out to take the \
         first that is one"
    );
    Refusal::invalid("attachment", problem).into()
}
