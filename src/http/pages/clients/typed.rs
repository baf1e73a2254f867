//! What is typed into a client's form: kept as it is, so that it can be shown again, and read
//! strictly.

use super::place::Place;
use crate::http::pages::PageError;
use crate::http::pages::form::PageForm;
use crate::http::pages::text::ClientForm as Text;
use crate::model::client::{Client, DESCRIPTION_LENGTH, NAME_LENGTH, TOKEN_LIFETIME};
use crate::model::granted_scopes::GrantedScopes;
use crate::model::ids::ApplicationId;
use crate::model::network::Networks;
use crate::model::scope::ScopeSet;
use crate::model::text::{check_name, check_text, without_blanks};
use crate::model::timestamp::Timestamp;

/// The lengths of life that are offered, in days.
pub const DAYS: [i64; 4] = [7, 30, 90, 365];

#[derive(Clone, Default, Debug)]
pub struct Typed {
    pub name: String,
    pub description: String,
    pub scopes: Vec<String>,
    /// Each is an application's id and the scope's name, with a space between.
    pub application_scopes: Vec<String>,
    /// A number of days, `date`, `never` or `keep`.
    pub expiry: String,
    pub date: String,
    pub networks: String,
    pub audiences: String,
    pub default_audience: String,
    pub lifetime: String,
    pub provisions_users: bool,
}

/// When a client is to end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ends {
    Keep,
    Never,
    At(Timestamp),
}

/// What was typed, read.
#[derive(Clone, Debug)]
pub struct Limits {
    pub name: String,
    pub description: String,
    pub scope: ScopeSet,
    pub application_scopes: GrantedScopes,
    pub ends: Ends,
    pub networks: Networks,
    pub audiences: Vec<String>,
    pub default_audience: Option<String>,
    pub lifetime: i64,
    pub provisions_users: bool,
}

/// What is wrong with each field, and with the form.
#[derive(Clone, Default, Debug)]
pub struct Wrong {
    pub form: Option<String>,
    pub name: Option<&'static str>,
    pub description: Option<&'static str>,
    pub scopes: Option<&'static str>,
    pub expiry: Option<&'static str>,
    pub networks: Option<&'static str>,
    pub audiences: Option<&'static str>,
    pub default_audience: Option<&'static str>,
    pub lifetime: Option<&'static str>,
    pub password: Option<String>,
}

impl Wrong {
    pub fn is_right(&self) -> bool {
        self.form.is_none() && self.password.is_none() && !self.has_wrong_field()
    }

    fn has_wrong_field(&self) -> bool {
        [
            self.name,
            self.description,
            self.scopes,
            self.expiry,
            self.networks,
            self.audiences,
            self.default_audience,
            self.lifetime,
        ]
        .iter()
        .any(Option::is_some)
    }

    /// What the act itself says of a field that looked right.
    pub fn of_field(field: &str, reason: String, text: &Text) -> Self {
        let mut wrong = Self::default();
        match field {
            "name" => wrong.name = Some(text.name_wrong),
            "description" => wrong.description = Some(text.description_wrong),
            "scope" | "application-scopes" => wrong.scopes = Some(text.scopes_wrong),
            "expires-at" => wrong.expiry = Some(text.date_wrong),
            "allowed-networks" => wrong.networks = Some(text.networks_wrong),
            "audience" => wrong.audiences = Some(text.audiences_wrong),
            "default-audience" => wrong.default_audience = Some(text.default_audience_wrong),
            "lifetime" => wrong.lifetime = Some(text.lifetime_wrong),
            _ => wrong.form = Some(reason),
        }
        wrong
    }
}

impl Typed {
    /// An empty form: nothing is ticked, and it ends in 30 days.
    pub fn empty() -> Self {
        Self {
            expiry: "30".to_owned(),
            lifetime: TOKEN_LIFETIME.to_string(),
            ..Self::default()
        }
    }

    /// What a client is now.
    pub fn of(client: &Client) -> Self {
        let networks: Vec<String> = client
            .allowed_networks
            .iter()
            .map(ToString::to_string)
            .collect();
        let granted = client.application_scopes.iter();
        Self {
            name: client.name.clone(),
            description: client.description.clone(),
            scopes: client.scope.iter().map(|s| s.as_str().to_owned()).collect(),
            application_scopes: granted
                .flat_map(|(id, names)| names.iter().map(move |name| format!("{id} {name}")))
                .collect(),
            expiry: "keep".to_owned(),
            date: String::new(),
            networks: networks.join(" "),
            audiences: client.audiences.join(" "),
            default_audience: client.default_audience.clone().unwrap_or_default(),
            lifetime: client.lifetime.to_string(),
            provisions_users: client.provisions_users,
        }
    }

    /// A new client, of whom nothing is said yet: not what a form has to begin with.
    pub fn nothing(place: Place) -> Self {
        let lifetime = match place {
            Place::Own { .. } => TOKEN_LIFETIME.to_string(),
            Place::Services => String::new(),
        };
        Self {
            lifetime,
            ..Self::default()
        }
    }

    /// What a form says. A field that it lacks is as it was `before`, so that leaving one out widens
    /// nothing; only boxes that are not ticked are never sent. Without a name it is no form of ours.
    pub fn read(form: &PageForm, place: Place, before: &Self) -> Result<Self, PageError> {
        let text = |name: &str, before: &String| match form.has(name) {
            true => Ok::<_, PageError>(without_blanks(form.value(name)?).to_owned()),
            false => Ok(before.clone()),
        };
        Ok(Self {
            name: without_blanks(form.value("name")?).to_owned(),
            description: text("description", &before.description)?,
            scopes: form.values("scope"),
            application_scopes: form.values("application_scope"),
            expiry: text("expiry", &before.expiry)?,
            date: text("expiry_date", &before.date)?,
            networks: text("networks", &before.networks)?,
            audiences: text("audiences", &before.audiences)?,
            default_audience: text("default_audience", &before.default_audience)?,
            lifetime: match place {
                Place::Own { .. } => before.lifetime.clone(),
                Place::Services => text("lifetime", &before.lifetime)?,
            },
            provisions_users: !form.value("provisions_users")?.is_empty(),
        })
    }

    /// Reads it, or says what is wrong with each field.
    pub fn parse(&self, text: &Text, now: Timestamp) -> Result<Limits, Box<Wrong>> {
        let mut wrong = Wrong {
            name: match check_name(&self.name, NAME_LENGTH) {
                Ok(()) => None,
                Err(_) if self.name.is_empty() => Some(text.name_missing),
                Err(_) => Some(text.name_wrong),
            },
            description: check_text(&self.description, DESCRIPTION_LENGTH)
                .err()
                .map(|_| text.description_wrong),
            ..Wrong::default()
        };
        let scope = ScopeSet::parse(&self.scopes.join(" ")).ok();
        let granted = self.granted();
        if scope.is_none() || granted.is_none() {
            wrong.scopes = Some(text.scopes_wrong);
        }
        let ends = self.ends(now);
        if ends.is_none() {
            wrong.expiry = Some(text.date_wrong);
        }
        let networks = Networks::parse(&self.networks.replace(',', " ")).ok();
        if networks.is_none() {
            wrong.networks = Some(text.networks_wrong);
        }
        let lifetime = self.lifetime.parse::<i64>().ok();
        if lifetime.is_none() {
            wrong.lifetime = Some(text.lifetime_wrong);
        }
        match (scope, granted, ends, networks, lifetime) {
            (Some(scope), Some(application_scopes), Some(ends), Some(networks), Some(lifetime))
                if wrong.is_right() =>
            {
                Ok(Limits {
                    name: self.name.clone(),
                    description: self.description.clone(),
                    scope,
                    application_scopes,
                    ends,
                    networks,
                    audiences: self
                        .audiences
                        .split_whitespace()
                        .map(str::to_owned)
                        .collect(),
                    default_audience: Some(self.default_audience.trim())
                        .filter(|default| !default.is_empty())
                        .map(str::to_owned),
                    lifetime,
                    provisions_users: self.provisions_users,
                })
            }
            _ => Err(Box::new(wrong)),
        }
    }

    fn granted(&self) -> Option<GrantedScopes> {
        let mut granted: Vec<(ApplicationId, Vec<String>)> = Vec::new();
        for one in &self.application_scopes {
            let (id, name) = one.split_once(' ')?;
            let id = ApplicationId::parse(id)?;
            match granted.iter_mut().find(|(known, _)| *known == id) {
                Some((_, names)) => names.push(name.to_owned()),
                None => granted.push((id, vec![name.to_owned()])),
            }
        }
        GrantedScopes::new(granted).ok()
    }

    /// When it is to end; a date is the last day, to its end.
    pub fn ends(&self, now: Timestamp) -> Option<Ends> {
        match self.expiry.as_str() {
            "keep" => Some(Ends::Keep),
            "never" => Some(Ends::Never),
            "date" => {
                let day = Timestamp::parse(&format!("{}T00:00:00Z", self.date))?;
                // The day after the last one cannot be written.
                let end = day.plus_seconds(24 * 3600).min(Timestamp::LATEST);
                let is_ahead = end > now && self.date.len() == 10;
                is_ahead.then_some(Ends::At(end))
            }
            days => {
                let days = DAYS.into_iter().find(|known| known.to_string() == days)?;
                Some(Ends::At(now.plus_seconds(days * 24 * 3600)))
            }
        }
    }
}
