//! Russian: what is said of an act that was not done.

use crate::domain::{Counted, Obstacle, Taken};
use crate::http::pages::text::Refusals;

pub const REFUSALS: Refusals = Refusals {
    invalid: |field, _| format!("{}: так нельзя.", name(field)),
    too_many: "Столько сразу не показать.",
    taken: |taken| {
        match taken {
            Taken::SpaceName => "Пространство с таким именем уже есть.",
            Taken::Login => "Пользователь с таким логином уже есть.",
            Taken::Connection => "Пользователь уже подключён поимённо.",
            Taken::ClientId => "Такой идентификатор клиента уже есть или был: дважды его не дают.",
            Taken::ApplicationName => {
                "Приложение с таким именем уже есть или было: дважды имя не дают."
            }
            Taken::ApplicationUri => {
                "Такой адрес есть или был у другого приложения: второму его не дают."
            }
            Taken::ApplicationUriAlike => {
                "Почти такой же адрес уже есть или был у другого приложения: отличие только в регистре, \
                 обычном порте или косой черте в конце."
            }
        }
        .to_owned()
    },
    obstacle: |obstacle| {
        match obstacle {
            Obstacle::Quota { of, quota } => {
                let of = match of {
                    Counted::Applications => "приложений",
                    Counted::Users => "пользователей",
                };
                return format!(
                    "В пространстве уже столько {of}, сколько позволяет квота: {quota}."
                );
            }
            Obstacle::TooManyKeys => "У пользователя может быть не больше 50 ключей доступа.",
            Obstacle::DisabledByAdministrator => {
                "Этот ключ отключил администратор: только администратор может его включить."
            }
            Obstacle::TwoSecrets => {
                "Секретов уже два: дождитесь, пока закончится срок более старого."
            }
            Obstacle::NewestSecret => "Это самый новый секрет: смените его или отключите ключ.",
            Obstacle::NothingToChange => "Менять нечего.",
            Obstacle::LastAdministrator => "Это последний администратор: сначала создайте другого.",
            Obstacle::SecondFactorOn => "Второй фактор уже включён.",
            Obstacle::SecondFactorOff => "Второй фактор выключен.",
            Obstacle::ListHasUsers => "В списке есть пользователи: сначала удалите их.",
            Obstacle::LastList => "Это последний список пользователей: сначала создайте другой.",
            Obstacle::UriGivenUp => {
                "Приложение отказалось от этого адреса меньше часа назад: вернуть его можно позже."
            }
            Obstacle::Deleted => "Приложение удалено.",
            Obstacle::DeletedAlready => "Приложение уже удалено.",
            Obstacle::Status { .. } => "Состояние приложения уже другое, и в нём это невозможно.",
            Obstacle::TooManyLists => {
                "К приложению можно подключить не больше 1000 списков пользователей."
            }
            Obstacle::TooManyNamedUsers => {
                "К приложению можно подключить поимённо не больше 10 000 пользователей."
            }
            Obstacle::TooManyUsers => {
                "Поимённо или с собственной настройкой у приложения может быть не больше 20 000 \
                 пользователей: отключите список, а не его пользователей."
            }
            Obstacle::NotConnected => "Пользователь не подключён к приложению.",
        }
        .to_owned()
    },
    changed: "За это время здесь что-то изменили: откройте страницу снова.",
    exists: "Такое уже есть.",
};

/// What a value is called whose name on the wire this is.
fn name(field: &str) -> &'static str {
    match field {
        "allowed-networks" => "Разрешённые сети",
        "application-scopes" => "Права приложений",
        "applications-quota" => "Квота приложений",
        "audience" => "Аудитории",
        "default-locale" => "Язык по умолчанию",
        "default-time-zone" => "Часовой пояс по умолчанию",
        "description" => "Описание",
        "display-name" => "Отображаемое имя",
        "email" => "Почта",
        "expires-at" => "Срок действия",
        "lifetime" => "Время жизни токена",
        "login" => "Логин",
        "name" => "Имя",
        "old-ends-in" => "Срок старого секрета",
        "password" => "Пароль",
        "phone" => "Телефон",
        "presentation" => "Представление",
        "publication-context" => "Имя приложения",
        "scope" => "Права",
        "scopes" => "Собственные права приложения",
        "search" => "Поиск",
        "secret" => "Секрет",
        "space-id" => "Пространство",
        "technology-version" => "Версия технологии",
        "uri" => "Адрес приложения",
        "user-id" => "Пользователь",
        "user-lists" => "Списки пользователей",
        "users-quota" => "Квота пользователей",
        _ => "Значение",
    }
}
