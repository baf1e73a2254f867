//! Russian: around every page, and failures.

use crate::http::pages::text::{Errors, Notices, Shell};

pub const SHELL: Shell = Shell {
    skip_to_content: "К содержанию",
    navigation: "Ваша учётная запись",
    administration: "Администрирование",
    menu: "Меню",
    profile: "Профиль",
    administrator: "администратор",
    sign_out: "Выйти",
    language: "Язык",
    documentation: "Документация API",
    error: "Ошибка:",
    pages: "Страницы",
    previous: "Назад",
    next: "Вперёд",
    cancel: "Отмена",
    copy: "Копировать",
    copied: "Скопировано",
    range: |from, to, of| format!("{from}–{to} из {of}"),
};

pub const NOTICES: Notices = Notices {
    signed_out: "Вы вышли.",
    signed_out_everywhere: "Вы вышли во всех браузерах.",
    sign_in_again: "Войдите, пожалуйста. Если вы отправляли форму, она ничего не изменила.",
    half_sign_ins: |count| {
        format!(
            "С вашего последнего входа верный пароль вводили без верного кода, раз: {count}. Если это \
             были не вы, смените пароль. Откуда вводили, видно на странице сеансов."
        )
    },
    session_ended: "Этот сеанс завершён.",
    second_factor_on: "Второй фактор включён.",
    second_factor_off: "Второй фактор выключен.",
    password_changed: "Пароль изменён. Остальные ваши сеансы завершены.",
    client_changed: |name| format!("{name}: изменения сохранены."),
    client_disabled: |name| format!("{name}: отключено. Выданные токены здесь отвергаются."),
    client_enabled: |name| {
        format!("{name}: снова включено. Прежние токены по-прежнему отвергаются.")
    },
    client_cut_off: |name| format!("{name}: все выданные до сих пор токены здесь отвергаются."),
    client_deleted: |name| format!("{name}: удалено."),
    secret_removed: "Секрет удалён.",
    user_changed: |name| format!("{name}: изменения сохранены."),
    user_disabled: |name| format!("{name}: отключён."),
    user_enabled: |name| format!("{name}: снова включён."),
    user_signed_out: |name| format!("{name}: все сеансы завершены."),
    factor_reset: |name| format!("{name}: второй фактор сброшен."),
    user_deleted: |name| format!("{name}: удалён."),
    user_list_made: |name| format!("Список создан: {name}."),
    user_list_deleted: |name| format!("Список удалён: {name}."),
    application_made: |name| format!("{name}: зарегистрировано."),
    application_changed: |name| format!("{name}: изменения сохранены."),
    application_user_changed: |name| format!("{name}: подключение изменено."),
    application_deleted: |name| format!("{name}: удалено. Токенов для него больше не будет."),
};

pub const ERRORS: Errors = Errors {
    no_authorization_title: "Вход для программ не предусмотрен",
    no_authorization: "На этом сервере нет входа с кодом авторизации, поэтому программа не может \
        открыть здесь вход от вашего имени. Дайте программе id и секрет ключа доступа: токены она \
        получает по ним (client credentials grant).",
    not_found_title: "Не найдено",
    not_found: "Здесь ничего нет, или вам это не показывают.",
    forbidden_title: "Нельзя",
    forbidden: "Вашей учётной записи это не разрешено.",
    invalid_title: "Так не получится",
    form_malformed: "Форма пришла не такой, какой её отправляет эта страница.",
    conflict_title: "Сейчас это невозможно",
    made_before_title: "Уже сделано",
    made_before: "Эту форму уже отправляли, и всё сделано тогда. Секрет показывают один раз: если вы его не \
        сохранили, сделайте другой.",
    form_expired_title: "Форма устарела",
    form_expired: "Её открыли до входа или выхода, или слишком давно. Ничего не изменено. \
        Откройте страницу снова и повторите.",
    foreign: |address| {
        format!(
            "Форма отправлена с другого сайта, либо страницы открыты не по своему адресу. \
             Ничего не изменено. Их адрес: {address}"
        )
    },
    method_title: "Не так",
    method: "По этому адресу так не обращаются.",
    too_large: "Форма слишком велика.",
    too_slow: "Форма не пришла вовремя.",
    overspent: |seconds| {
        format!("Слишком много изменений за короткое время. Повторите через {seconds} с.")
    },
    unavailable_title: "Сейчас недоступно",
    unavailable: "Служба временно недоступна. Попробуйте чуть позже.",
    internal_title: "Что-то пошло не так",
    internal: "Здесь что-то пошло не так. Если это повторится, назовите администратору номер ниже.",
    plain_http: "По незащищённому HTTP страницы видны только с этой машины: используйте HTTPS.",
    request_id: "Запрос",
    back_to_profile: "К профилю",
    back_to_sign_in: "Ко входу",
};
