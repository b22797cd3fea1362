//! What happens to one request.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use cowork_outward::{Body, Outward, OutwardError};
use cowork_vault::Sensitive;
use http::header::{CONTENT_LENGTH, HOST, ORIGIN};
use http::{HeaderMap, Request, Response, StatusCode, Uri};
use hyper::body::Incoming;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, broadcast};
use tokio::time::{Instant, timeout, timeout_at};

use crate::answer::{Refusal, TYPE};
use crate::body::{AnswerBody, AnswerParts, Fault, Reply, RequestBody};
use crate::echo::Forms;
use crate::headers;
use crate::keys::KeySource;
use crate::limits::Limits;
use crate::news::ProxyNews;
use crate::route::{KeyUse, NoWay, Route, Routes};
use crate::socket::RequestUnderWay;
use crate::token::ValidToken;
use crate::usage::{Admission, Ledger, Tally};

/// What all requests have in common.
pub(crate) struct Shared {
    pub(crate) port: u16,
    pub(crate) limits: Limits,
    pub(crate) token: ValidToken,
    pub(crate) routes: RwLock<Arc<Routes>>,
    pub(crate) keys: Arc<dyn KeySource>,
    pub(crate) outward: Outward,
    pub(crate) ledger: Ledger,
    pub(crate) news: broadcast::Sender<ProxyNews>,
    pub(crate) strangers: AtomicU64,
    pub(crate) places: Arc<Semaphore>,
}

/// A request that was let in, and where it goes.
struct Admitted {
    route: Arc<Route>,
    address: Uri,
    tally: Arc<Tally>,
    permit: OwnedSemaphorePermit,
    deadline: Instant,
}

impl Shared {
    /// The answer to a request: the provider's, or why there is none.
    pub(crate) async fn answered(
        self: &Arc<Self>,
        request: Request<Incoming>,
        under_way: RequestUnderWay,
    ) -> Response<Reply> {
        let response = match self.let_in(&request) {
            Err(refusal) => refusal.response(),
            Ok(admitted) => {
                let (provider, tally) = (admitted.route.provider.clone(), Arc::clone(&admitted.tally));
                self.passed_on(admitted, request).await.unwrap_or_else(|refusal| {
                    tally.failed();
                    tracing::info!(provider, %refusal, "a model request was not answered");
                    refusal.response()
                })
            }
        };
        response.map(|body| Reply::new(body, under_way))
    }

    /// Everything that can be said from the head alone, beginning with whether the sender may ask at all.
    fn let_in(&self, request: &Request<Incoming>) -> Result<Admitted, Refusal> {
        if !self.token.is_in(request.headers()) {
            self.stranger();
            return Err(Refusal::Stranger);
        }
        if !is_from_here(request.headers(), request.uri(), self.port) {
            return Err(Refusal::NotFromHere);
        }
        let routes = Arc::clone(&self.routes.read().unwrap_or_else(PoisonError::into_inner));
        let (route, address) = routes
            .find(request.method().as_str(), request.uri())
            .map_err(|no_way| match no_way {
                NoWay::UnknownProvider => Refusal::UnknownProvider,
                NoWay::Path => Refusal::NotAModelRequest,
            })?;
        if announced_length(request.headers()) > self.limits.body_bytes {
            return Err(Refusal::TooLong {
                limit: self.limits.body_bytes,
            });
        }
        let permit = Arc::clone(&self.places)
            .try_acquire_owned()
            .map_err(|_| Refusal::TooMany)?;
        let tally = self.ledger.tally(&route.provider);
        self.within_the_cap(&route, &tally)?;
        Ok(Admitted {
            route,
            address,
            tally,
            permit,
            deadline: Instant::now() + self.limits.whole,
        })
    }

    fn stranger(&self) {
        let attempts = self.strangers.fetch_add(1, Ordering::Relaxed) + 1;
        // A program that tries all day is told of a few dozen times.
        if attempts.is_power_of_two() {
            tracing::warn!(attempts, "a program without a valid token asked for a model");
            self.tell(ProxyNews::Stranger { attempts });
        }
    }

    fn within_the_cap(&self, route: &Route, tally: &Tally) -> Result<(), Refusal> {
        let provider = route.provider.clone();
        match tally.admit(self.ledger.first_cap()) {
            Admission::Admitted => Ok(()),
            Admission::Near { requests, cap } => {
                self.tell(ProxyNews::CapNear {
                    provider,
                    requests,
                    cap,
                });
                Ok(())
            }
            Admission::Reached { cap, first } => {
                if first {
                    tracing::warn!(provider, cap, "a run has made all requests it may");
                    self.tell(ProxyNews::CapReached { provider, cap });
                }
                Err(Refusal::Cap {
                    provider: route.name.clone(),
                    cap,
                })
            }
        }
    }

    async fn passed_on(
        self: &Arc<Self>,
        admitted: Admitted,
        request: Request<Incoming>,
    ) -> Result<Response<Body>, Refusal> {
        let Admitted {
            route,
            address,
            tally,
            permit,
            deadline,
        } = admitted;
        let key = self.key(&route).await?;
        let more = match route.key {
            KeyUse::None => Vec::new(),
            // They come with the key, from where that came from.
            KeyUse::Key => timeout(self.limits.key, self.keys.headers(&route.provider))
                .await
                .unwrap_or_default(),
        };
        let (head, body) = request.into_parts();
        let fault = Fault::default();
        let mut outgoing = Request::new(RequestBody::boxed(
            body,
            &self.limits,
            Arc::clone(&tally),
            fault.clone(),
        ));
        *outgoing.method_mut() = head.method;
        *outgoing.uri_mut() = address;
        *outgoing.headers_mut() =
            headers::to_send(&head.headers, &route, &more, key.as_ref()).map_err(|_| {
                self.without_key(
                    &route.provider,
                    "The key has characters that no key has; enter it again.".to_owned(),
                )
            })?;
        let forms = key.as_ref().map(|key| Forms::of(key.expose()));
        drop(key);

        let until = deadline.min(Instant::now() + self.limits.answer);
        let answer = match timeout_at(until, self.outward.send(outgoing, route.reach)).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) => {
                let refusal = fault.refusal(&self.limits);
                return Err(refusal.unwrap_or_else(|| self.not_sent(&route.provider, &error)));
            }
            Err(_) => {
                return Err(fault
                    .refusal(&self.limits)
                    .unwrap_or_else(|| Refusal::NotReached {
                        message: format!("{} did not answer in time.", route.name),
                    }));
            }
        };
        let (head, body) = answer.into_parts();
        self.note_status(&route, &tally, head.status);
        if head.status.is_redirection() || head.status.is_informational() {
            return Err(Refusal::RedirectsElsewhere {
                provider: route.name.clone(),
            });
        }
        // Only where there is a key to look for does it matter that nothing can be seen.
        if forms.is_some() && headers::is_encoded(&head.headers) {
            return Err(Refusal::Compressed {
                provider: route.name.clone(),
                status: head.status,
            });
        }
        let is_error = head.status.is_client_error() || head.status.is_server_error();
        let forms = if is_error {
            // No provider's error passes for the proxy's own.
            Some(forms.unwrap_or_default().and_literally(TYPE))
        } else {
            forms
        };
        let mut response = Response::new(());
        *response.status_mut() = head.status;
        *response.headers_mut() = headers::to_hand_on(&head.headers, forms.as_ref());
        if is_error {
            tally.failed();
            response.headers_mut().remove(CONTENT_LENGTH);
        }
        let parts = AnswerParts {
            forms,
            is_error,
            deadline,
            tally,
            permit,
        };
        Ok(response.map(|()| AnswerBody::boxed(body, &self.limits, parts)))
    }

    async fn key(&self, route: &Route) -> Result<Option<Sensitive>, Refusal> {
        if route.key == KeyUse::None {
            return Ok(None);
        }
        match timeout(self.limits.key, self.keys.key(&route.provider)).await {
            Ok(Ok(key)) => Ok(Some(key)),
            Ok(Err(unavailable)) => Err(self.without_key(&route.provider, unavailable.message)),
            Err(_) => Err(self.without_key(
                &route.provider,
                format!("The key for {} could not be had in time.", route.name),
            )),
        }
    }

    fn without_key(&self, provider: &str, message: String) -> Refusal {
        self.tell(ProxyNews::KeyUnavailable {
            provider: provider.to_owned(),
            message: message.clone(),
        });
        Refusal::KeyUnavailable { message }
    }

    fn not_sent(&self, provider: &str, error: &OutwardError) -> Refusal {
        let refusal = Refusal::of(error);
        if let Refusal::NotSafe { message } = &refusal {
            tracing::warn!(provider, %error, "a model request was not sent");
            self.tell(ProxyNews::NotSafe {
                provider: provider.to_owned(),
                message: message.clone(),
            });
        }
        refusal
    }

    fn note_status(self: &Arc<Self>, route: &Route, tally: &Tally, status: StatusCode) {
        tally.answered(status.as_u16());
        let refused = status == StatusCode::UNAUTHORIZED || status == StatusCode::FORBIDDEN;
        if !refused || route.key == KeyUse::None {
            return;
        }
        self.tell(ProxyNews::KeyRefused {
            provider: route.provider.clone(),
            status: status.as_u16(),
        });
        if status == StatusCode::UNAUTHORIZED {
            // The answer does not wait for it: a refresh goes over the network.
            let (shared, provider) = (Arc::clone(self), route.provider.clone());
            tokio::spawn(async move { shared.keys.refused(&provider).await });
        }
    }

    fn tell(&self, news: ProxyNews) {
        // Nobody listening is no failure.
        let _ = self.news.send(news);
    }
}

/// Whether a request was addressed to this proxy by a program on this machine. A web page says where it is from; and
/// a name that was led here by a web page's owner stands in the host.
fn is_from_here(headers: &HeaderMap, uri: &Uri, port: u16) -> bool {
    let mut hosts = headers.get_all(HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else {
        return false;
    };
    let here = ["127.0.0.1", "localhost"].map(|name| format!("{name}:{port}"));
    here.iter()
        .any(|here| host.as_bytes().eq_ignore_ascii_case(here.as_bytes()))
        && !headers.contains_key(ORIGIN)
        && uri.authority().is_none()
}

/// The length a body is said to have. The HTTP library has checked that it is a number.
fn announced_length(headers: &HeaderMap) -> u64 {
    let length = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    length.and_then(|value| value.parse().ok()).unwrap_or_default()
}
