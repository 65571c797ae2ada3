//! The form with which anybody reports a vulnerability.

use askama::Template;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use casework::{Error, FormReport, Refusal};

use super::reception::{Form, Inbox, busy};
use crate::headers::name_origin;
use crate::page::{Frame, html, portal_error, sentence};
use crate::session::refuse_foreign;
use crate::stop::Stop;

/// The form, with what was typed.
#[derive(Template)]
#[template(path = "report_form.html")]
struct ReportForm {
    frame: Frame,
    typed: FormReport,
    /// The field something is wrong with; empty when nothing is.
    wrong: String,
    /// What is wrong with it.
    problem: String,
    /// Whether files were chosen, which a browser forgets.
    had_files: bool,
}

/// What a reporter is given, once.
#[derive(Template)]
#[template(path = "report_filed.html")]
struct ReportFiled {
    frame: Frame,
    reference: String,
    url: String,
}

pub(super) async fn show(State(inbox): State<Inbox>) -> Response {
    form_page(&inbox, StatusCode::OK, FormReport::default(), None, false)
}

fn form_page(
    inbox: &Inbox,
    status: StatusCode,
    typed: FormReport,
    problem: Option<(String, String)>,
    had_files: bool,
) -> Response {
    let (wrong, problem) = problem.unwrap_or_default();
    let page = ReportForm {
        frame: Frame::new(&inbox.settings, "Report a vulnerability"),
        typed,
        wrong,
        problem: if problem.is_empty() {
            problem
        } else {
            sentence(&problem)
        },
        had_files,
    };
    let mut response = html(status, &page);
    name_origin(response.headers_mut());
    response
}

pub(super) async fn file(State(inbox): State<Inbox>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    if let Err(wait) = inbox.admit(&parts) {
        return busy(&inbox.settings, wait);
    }
    if let Err(stop) = refuse_foreign(&parts.headers) {
        return portal_error(&inbox.settings, stop.explain());
    }
    let form = match inbox.form(&parts, body).await {
        Ok(form) => form,
        Err(stop) => return portal_error(&inbox.settings, stop.explain()),
    };
    let typed = report(&form);
    let had_files = !form.files.is_empty();
    if !form.text("website").is_empty() {
        let problem = "leave this field empty: only programs fill it in";
        let problem = Some(("website".to_owned(), problem.to_owned()));
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return form_page(&inbox, status, typed, problem, had_files);
    }
    if let Err(wait) = inbox.admit_report() {
        return busy(&inbox.settings, wait);
    }
    let (kept, files) = (typed.clone(), form.files);
    let filed = inbox
        .cross(move |inbox| Ok(inbox.intake.file(&typed, files)?))
        .await;
    match filed {
        Ok(receipt) => {
            let page = ReportFiled {
                frame: Frame::new(&inbox.settings, "Your report came in"),
                url: format!("{}/status/{}", inbox.portal_url, receipt.secret.reveal()),
                reference: receipt.reference,
            };
            html(StatusCode::CREATED, &page)
        }
        Err(Stop::Desk(Error::Refused(Refusal::Invalid { field, problem }))) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            form_page(&inbox, status, kept, Some((field, problem)), had_files)
        }
        Err(stop) => portal_error(&inbox.settings, stop.explain()),
    }
}

fn report(form: &Form) -> FormReport {
    FormReport {
        title: form.text("title"),
        product: form.text("product"),
        component: form.text("component"),
        versions: form.text("versions"),
        what: form.text("what"),
        proof: form.text("proof"),
        public_status: form.text("public_status"),
        plan: form.text("plan"),
        name: form.text("name"),
        contact: form.text("contact"),
        wants_credit: !form.text("wants_credit").is_empty(),
        credit: form.text("credit"),
        confidential: form.text("confidential"),
        requests_id: !form.text("requests_id").is_empty(),
    }
}
