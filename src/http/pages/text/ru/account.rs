//! Russian: signing in and one's own account.

use crate::http::pages::text::{Account, Password, Profile, Sessions, SignIn};

pub const ACCOUNT: Account = Account {
    sign_in: SignIn {
        title: "Вход",
        login: "Логин",
        password: "Пароль",
        button: "Войти",
        refused: "Неверный логин или пароль, либо учётная запись отключена.",
        slowed: |seconds| {
            format!(
                "Слишком много неудачных попыток. Подождите {seconds} с и попробуйте снова; \
                 никто не заблокирован."
            )
        },
        busy: "Сейчас входит слишком много людей. Попробуйте через несколько секунд.",
    },
    profile: Profile {
        title: "Профиль",
        login: "Логин",
        name: "Имя",
        email: "Эл. почта",
        phone: "Телефон",
        role: "Роль",
        administrator: "Администратор",
        member: "Участник",
        signed_in_at: "Вход выполнен",
        security: "Безопасность",
        password: "Сменить пароль",
        password_hint: "Завершает ваши сеансы в других браузерах.",
        sessions: "Сеансы",
        sessions_hint: "Где вы вошли; там же можно выйти.",
    },
    password: Password {
        title: "Смена пароля",
        temporary: "Ваш пароль задал кто-то другой. Прежде чем продолжить, выберите свой.",
        current: "Текущий пароль",
        new: "Новый пароль",
        new_hint: "Не короче 12 символов. Хороши несколько слов, которые легко запомнить.",
        repeat: "Новый пароль ещё раз",
        button: "Сменить пароль",
        others_end: "Здесь вы останетесь; ваши сеансы в других браузерах завершатся.",
        wrong: "Это не ваш пароль.",
        missing: "Заполните это поле.",
        differs: "Здесь не то, что выше.",
        same: "Новый пароль должен отличаться от текущего.",
        too_short: "В пароле не меньше 12 символов.",
        too_long: "Пароль не длиннее 512 байт.",
        control: "В пароле не бывает управляющих символов.",
    },
    sessions: Sessions {
        title: "Сеансы",
        lead: "Браузеры, в которых вы вошли. Сеанс завершается через 30 минут без обращений \
            и не позже чем через 12 часов.",
        browser: "Браузер",
        address: "Адрес",
        signed_in: "Вход",
        last_seen: "Последнее обращение",
        act: "Выход",
        this_one: "этот браузер",
        unknown_browser: "Неизвестный браузер",
        browser_on: |browser, system| format!("{browser}, {system}"),
        end: "Выйти",
        end_all: "Выйти везде",
        end_all_hint: "Завершает все ваши сеансы, и этот тоже.",
    },
};
