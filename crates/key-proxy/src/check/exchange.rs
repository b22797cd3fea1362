//! One request of the test, and its answer.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use cowork_outward::{Body, Outward};
use cowork_providers::Wire;
use cowork_vault::Sensitive;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use serde_json::Value;
use tokio::time::{Instant, timeout_at};
use url::Url;

use super::answer::{Seen, seen, seen_whole};
use super::cause::{Cause, Finding};
use super::connection;
use super::events::Events;
use super::question::{Bound, Format};
use super::refusal::{self, Asked, Refused, Setting};
use super::said::Said;
use super::step::Target;

/// The most that is taken of an answer, in bytes.
const LONGEST: usize = 1024 * 1024;

/// Asks one target.
#[derive(Clone, Copy)]
pub(super) struct Exchange<'a> {
    pub(super) outward: &'a Outward,
    pub(super) target: &'a Target,
    pub(super) key: Option<&'a Sensitive>,
    pub(super) patience: Duration,
}

/// What an answer to a model's question came to.
#[derive(Debug)]
pub(super) enum Heard {
    /// A word; the rest is not waited for.
    Word,
    /// The call of our function.
    Call,
    /// The bound was reached first.
    Limit,
    /// It ended; whether there was a word.
    End { words: bool },
}

impl Exchange<'_> {
    /// The address of a path below the base, `None` when a segment leads elsewhere.
    fn address(&self, segments: &[String], query: Option<&str>) -> Option<Url> {
        let mut url = self.target.base.clone();
        url.set_query(query);
        url.set_fragment(None);
        url.path_segments_mut()
            .ok()?
            .pop_if_empty()
            .extend(segments.iter().filter(|segment| {
                // A segment of dots is not one: nothing is appended for it, and the wire lets no such path through.
                !matches!(segment.as_str(), "" | "." | "..")
            }));
        Some(url)
    }

    /// A request with the key on it.
    fn request(&self, method: Method, url: &Url, body: Option<&Value>) -> Result<Request<Body>, Finding> {
        let mut headers = HeaderMap::new();
        headers.insert(header::USER_AGENT, HeaderValue::from_static("cowork"));
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        if self.target.wire == Wire::Anthropic {
            headers.insert(
                HeaderName::from_static("anthropic-version"),
                HeaderValue::from_static("2023-06-01"),
            );
        }
        if body.is_some() {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        for (name, value) in &self.target.headers {
            headers.insert(name.clone(), value.clone());
        }
        if let Some(key) = self.key {
            let place = self.target.wire.key_header();
            let value = crate::headers::key_value(place.prefix(), key).map_err(|_| {
                Finding::new(
                    Cause::KeyRefused,
                    "The key holds characters that no key has.",
                    "Copy the key again, without spaces and line breaks, and paste it anew.",
                )
            })?;
            headers.insert(HeaderName::from_static(place.name()), value);
        }
        let body = body.map_or_else(Bytes::new, |body| Bytes::from(body.to_string()));
        let mut request = Request::new(Full::new(body).map_err(|never| match never {}).boxed());
        *request.method_mut() = method;
        *request.uri_mut() = url.as_str().parse().map_err(|_| self.no_such_address())?;
        *request.headers_mut() = headers;
        Ok(request)
    }

    fn no_such_address(&self) -> Finding {
        Finding::new(
            Cause::AddressWrong,
            format!("The address of {} cannot be asked.", self.target.name),
            refusal::address_advice(&self.target.base),
        )
    }

    async fn sent(
        &self,
        request: Request<Body>,
        deadline: Instant,
        asked: Asked,
    ) -> Result<Response<Body>, Finding> {
        match timeout_at(deadline, self.outward.send(request, self.target.reach)).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => Err(connection::finding(&error, &self.target.name)),
            Err(_) => Err(self.too_slow(asked)),
        }
    }

    fn too_slow(&self, asked: Asked) -> Finding {
        let (name, seconds) = (&self.target.name, self.patience.as_secs());
        if asked == Asked::List {
            Finding::new(
                Cause::TimedOut,
                format!("{name} took the request and did not answer within {seconds} s."),
                "Check the address and the network connection, or try again later.",
            )
        } else {
            Finding::new(
                Cause::TooSlow,
                format!("The model did not begin to answer within {seconds} s."),
                "A local model may still be loading: test again in a moment, or choose a smaller one. A hosted one \
                 may be busy: try again later, or choose another.",
            )
        }
    }

    /// A document below the base, with the key or without.
    pub(super) async fn document(
        &self,
        path: &str,
        query: Option<&str>,
        limit: usize,
    ) -> Result<Value, (Option<StatusCode>, Finding)> {
        let without_status = |finding| (None, finding);
        let segments: Vec<String> = path
            .split('/')
            .filter(|part| !part.is_empty())
            .map(str::to_owned)
            .collect();
        let url = self
            .address(&segments, query)
            .ok_or_else(|| without_status(self.no_such_address()))?;
        let request = self.request(Method::GET, &url, None).map_err(without_status)?;
        let deadline = Instant::now() + self.patience;
        let response = self
            .sent(request, deadline, Asked::List)
            .await
            .map_err(without_status)?;
        let status = response.status();
        let (parts, mut body) = response.into_parts();
        let whole = self
            .collected(&mut body, BytesMut::new(), limit, deadline, Asked::List)
            .await
            .map_err(without_status)?;
        if !status.is_success() {
            let refused = Refused {
                status,
                headers: &parts.headers,
                body: &whole,
            };
            return Err((
                Some(status),
                refusal::finding(&refused, self.setting(Asked::List, false)),
            ));
        }
        serde_json::from_slice(&whole).map_err(|_| {
            let finding = if refusal::is_page(&parts.headers, &whole) {
                refusal::page(status, self.target)
            } else {
                self.not_understood()
            };
            (Some(status), finding)
        })
    }

    /// Asks a model; the answer is there when its head is. `bound` is changed when the server wants the other one.
    pub(super) async fn ask(
        &self,
        model: &str,
        asked: Asked,
        bound: &mut Bound,
        listed: bool,
    ) -> Result<Answering, Refusal> {
        let started = Instant::now();
        let deadline = started + self.patience;
        let wire = self.target.wire;
        let format = Format::of(wire, model);
        let (segments, query) = format.path(wire, model);
        let misleading = segments
            .iter()
            .any(|part| matches!(part.as_str(), "" | "." | ".."));
        let url = match self.address(&segments, query) {
            Some(url) if !misleading => url,
            _ => return Err(Refusal::unheard(self.no_such_address())),
        };
        loop {
            let body = format.body(wire, model, asked, *bound);
            let request = self
                .request(Method::POST, &url, Some(&body))
                .map_err(Refusal::unheard)?;
            let response = self
                .sent(request, deadline, asked)
                .await
                .map_err(Refusal::unheard)?;
            let (parts, mut body) = response.into_parts();
            if parts.status.is_success() {
                return Ok(Answering {
                    format,
                    asked,
                    listed,
                    started,
                    deadline,
                    status: parts.status,
                    headers: parts.headers,
                    body,
                });
            }
            let whole = self
                .collected(&mut body, BytesMut::new(), LONGEST, deadline, asked)
                .await
                .map_err(Refusal::unheard)?;
            // Asked once more in the other spelling, and no more than once.
            let wants_other = format == Format::Chat
                && parts.status == StatusCode::BAD_REQUEST
                && *bound == Bound::MaxTokens
                && Said::of(&whole).names(&[bound.name()]);
            if wants_other {
                *bound = bound.other();
                continue;
            }
            let refused = Refused {
                status: parts.status,
                headers: &parts.headers,
                body: &whole,
            };
            let is_answer = serde_json::from_slice::<serde::de::IgnoredAny>(&whole).is_ok();
            return Err(Refusal {
                finding: refusal::finding(&refused, self.setting(asked, listed)),
                heard: is_answer,
            });
        }
    }

    /// Reads an answer until it shows what was asked for.
    pub(super) async fn hear(&self, mut answering: Answering) -> Result<Heard, Finding> {
        let setting = self.setting(answering.asked, answering.listed);
        let mut words = false;
        let mut limit = false;
        let mut first = BytesMut::new();
        // What comes first shows whether it is a stream: servers name its type wrongly.
        while first.trim_ascii_start().len() < 8 {
            match self.piece(&mut answering).await {
                Ok(Some(piece)) => first.extend_from_slice(&piece),
                Ok(None) => break,
                Err(finding) => return Err(finding),
            }
        }
        if first.trim_ascii_start().is_empty() {
            return Err(self.empty());
        }
        if refusal::is_page(&answering.headers, &first) {
            return Err(refusal::page(answering.status, self.target));
        }
        if !Events::begins(&first) {
            let whole = self
                .collected(
                    &mut answering.body,
                    first,
                    LONGEST,
                    answering.deadline,
                    answering.asked,
                )
                .await?;
            let value: Value = serde_json::from_slice(&whole).map_err(|_| self.not_understood())?;
            let all = seen_whole(answering.format, &value);
            if all.is_empty() {
                return Err(self.not_understood());
            }
            for seen in all {
                if let Some(heard) = judged(seen, answering.asked, &mut words, &mut limit, setting)? {
                    return Ok(heard);
                }
            }
            return Ok(Heard::End { words });
        }
        let mut events = Events::default();
        let mut taken = first.len();
        let mut piece = Some(first.freeze());
        let mut ended = false;
        loop {
            match &piece {
                Some(piece) => events.push(piece),
                None => events.end(),
            }
            while let Some(data) = events.next() {
                for seen in seen(answering.format, &data) {
                    ended |= matches!(seen, Seen::End);
                    if let Some(heard) = judged(seen, answering.asked, &mut words, &mut limit, setting)? {
                        return Ok(heard);
                    }
                }
            }
            if piece.is_none() {
                break;
            }
            if ended {
                return Ok(Heard::End { words });
            }
            piece = self.piece(&mut answering).await?;
            taken += piece.as_ref().map_or(0, Bytes::len);
            if taken > LONGEST {
                return Err(self.too_long());
            }
        }
        if ended {
            Ok(Heard::End { words })
        } else {
            Err(self.cut())
        }
    }

    /// The next piece of an answer; `None` at its end.
    async fn piece(&self, answering: &mut Answering) -> Result<Option<Bytes>, Finding> {
        loop {
            let frame = match timeout_at(answering.deadline, answering.body.frame()).await {
                Err(_) => return Err(self.too_slow(answering.asked)),
                Ok(None) => return Ok(None),
                Ok(Some(Err(_))) => return Err(self.cut()),
                Ok(Some(Ok(frame))) => frame,
            };
            if let Ok(data) = frame.into_data()
                && !data.is_empty()
            {
                return Ok(Some(data));
            }
        }
    }

    async fn collected(
        &self,
        body: &mut Body,
        mut whole: BytesMut,
        limit: usize,
        deadline: Instant,
        asked: Asked,
    ) -> Result<Bytes, Finding> {
        while let Some(frame) = timeout_at(deadline, body.frame())
            .await
            .map_err(|_| self.too_slow(asked))?
        {
            let Ok(data) = frame.map_err(|_| self.cut())?.into_data() else {
                continue;
            };
            if whole.len() + data.len() > limit {
                return Err(self.too_long());
            }
            whole.extend_from_slice(&data);
        }
        Ok(whole.freeze())
    }

    fn setting(&self, asked: Asked, listed: bool) -> Setting<'_> {
        Setting {
            target: self.target,
            key: self.key,
            asked,
            listed,
        }
    }

    fn cut(&self) -> Finding {
        Finding::new(
            Cause::StreamCut,
            format!(
                "The answer of {} broke off before it was whole.",
                self.target.name
            ),
            "Test again. If it happens each time, a proxy or a filter on the way may break off what takes long.",
        )
    }

    pub(super) fn empty(&self) -> Finding {
        Finding::new(
            Cause::EmptyAnswer,
            format!("{} answered without a word.", self.target.name),
            "Choose another model: this one may not be made for conversations.",
        )
    }

    fn not_understood(&self) -> Finding {
        Finding::new(
            Cause::NotUnderstood,
            format!(
                "{} answered something that is not of its service.",
                self.target.name
            ),
            refusal::address_advice(&self.target.base),
        )
    }

    fn too_long(&self) -> Finding {
        Finding::new(
            Cause::AnswerTooLong,
            format!("{} sent more than the test takes.", self.target.name),
            refusal::address_advice(&self.target.base),
        )
    }
}

/// What one thing in an answer means for what was asked.
fn judged(
    seen: Seen,
    asked: Asked,
    words: &mut bool,
    limit: &mut bool,
    setting: Setting<'_>,
) -> Result<Option<Heard>, Finding> {
    match seen {
        Seen::Call => return Ok(Some(Heard::Call)),
        Seen::Refused(said) => return Err(refusal::in_stream(&said, setting)),
        Seen::Word if asked != Asked::Tool => return Ok(Some(Heard::Word)),
        Seen::Word => *words = true,
        Seen::Limit => *limit = true,
        Seen::End => {}
    }
    Ok(limit.then_some(Heard::Limit))
}

/// A model's answer whose head is there.
pub(super) struct Answering {
    format: Format,
    asked: Asked,
    listed: bool,
    pub(super) started: Instant,
    deadline: Instant,
    status: StatusCode,
    headers: HeaderMap,
    body: Body,
}

/// Why a model was not asked, or did not answer.
pub(super) struct Refusal {
    pub(super) finding: Finding,
    /// The service itself refused: so whatever is wrong lies behind the address.
    pub(super) heard: bool,
}

impl Refusal {
    fn unheard(finding: Finding) -> Self {
        Self {
            finding,
            heard: false,
        }
    }
}
