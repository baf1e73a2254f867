//! `GET /console/api/v2/me`: whose token this is. Answered from memory.

use actix_web::HttpResponse;

use super::user_body::Body;
use super::{ApiCall, ApiError, ok};
use crate::domain::DomainError;
use crate::model::scope::Scope;

pub async fn find(call: ApiCall) -> Result<HttpResponse, ApiError> {
    let Some(owner) = &call.caller.authenticated.owner else {
        // Not 404: the path exists, whoever asks. nginx's auth_request makes 500 of a 404.
        let error = DomainError::forbidden("a service client acts for itself: it is no user");
        return Err(error.into());
    };
    let keys: &[(String, String)] = match call.caller.scope.contains(Scope::KeysRead) {
        true => &owner.keys,
        false => &[],
    };
    Ok(ok(&Body::new(&owner.user, owner.second_factor, keys)))
}
