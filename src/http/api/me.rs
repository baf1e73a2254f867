//! `GET /console/api/v2/me`: whose token this is. Answered from memory.

use actix_web::HttpResponse;

use super::user_body::Body;
use super::{ApiCall, ApiError, ok};
use crate::model::scope::Scope;

pub async fn find(call: ApiCall) -> Result<HttpResponse, ApiError> {
    let Some(owner) = &call.caller.authenticated.owner else {
        return Err(ApiError::not_found("A service client is no user."));
    };
    let keys: &[(String, String)] = match call.caller.scope.contains(Scope::KeysRead) {
        true => &owner.keys,
        false => &[],
    };
    Ok(ok(&Body::new(&owner.user, owner.second_factor, keys)))
}
