//! Russian: access keys and service clients.

use crate::http::pages::text::clients::{
    ClientForm, ClientList, ClientSecretText, Clients, EndClient, Kind, OneClient, Rotate,
};
use crate::model::scope::Scope;

pub const CLIENTS: Clients = Clients {
    keys: Kind {
        title: "Ключи доступа",
        lead: "С ключом доступа программа действует от вашего имени: она меняет ключ на токен, который живёт час.",
        empty_title: "У вас нет ключей доступа",
        empty: "Ключ доступа позволяет программе действовать от вашего имени в пределах, которые задаёте вы: \
            скрипту, который читает ваши приложения, серверу сборки, редактору. Пароль остаётся у вас, а за \
            каждым ключом можно следить, менять его и прекратить его действие отдельно.",
        create: "Создать ключ доступа",
        new_title: "Новый ключ доступа",
        name: "Имя",
        name_hint: "Кто им пользуется и где. По этому имени вы найдёте ключ, когда он станет не нужен.",
        scopes_hint: "Отметьте только нужное. Потом права ключа можно сузить, но не расширить.",
        full: "У вас 50 ключей доступа, больше нельзя: сначала удалите один.",
    },
    services: Kind {
        title: "Сервисные клиенты",
        lead: "Сервисный клиент никому не принадлежит и действует сам за себя — для приложений из своего списка.",
        empty_title: "Сервисных клиентов нет",
        empty: "С сервисным клиентом один сервис вызывает другой: он получает токены для приложений из своего \
            списка, а для этой консоли — то, что для него отмечено.",
        create: "Создать сервисного клиента",
        new_title: "Новый сервисный клиент",
        name: "Имя",
        name_hint: "Какой это сервис и где он работает.",
        scopes_hint: "Отметьте только нужное. Остальное можно добавить, когда понадобится.",
        full: "",
    },
    list: ClientList {
        name: "Имя",
        client_id: "client_id",
        scopes: "Права",
        created: "Создан",
        expires: "Истекает",
        last_used: "Использован",
        state: "Состояние",
        never: "никогда",
        not_yet: "ещё нет",
        no_scope: "нет",
        copy: "Копировать",
        copied: "Скопировано",
        copy_what: |what| format!("Копировать {what}"),
        search: "Поиск по имени или client_id",
        search_button: "Найти",
        show_all: "Показать все",
        nothing_found: |search| format!("С названием «{search}» ничего нет."),
        from: |address| format!("с адреса {address}"),
        active: "действует",
        expires_soon: "скоро истекает",
        expired: "истёк",
        disabled: "отключён",
        disabled_by_administrator: "отключён администратором",
    },
    form: ClientForm {
        edit_title: |name| format!("Изменить {name}"),
        description: "Описание",
        scopes: "Что ему можно",
        application_scopes: |name| format!("В приложении {name}"),
        expiry: "Истекает",
        days: |days| match days {
            7 => "Через 7 дней".to_owned(),
            days => format!("Через {days} дней"),
        },
        year: "Через год",
        date: "В заданный день",
        date_label: "Последний день (UTC)",
        never: "Никогда",
        never_warning: "Бессрочный ключ работает, пока о нём не вспомнят, — и у того, кто его найдёт, тоже.",
        keep: |when| format!("Как сейчас: {when}"),
        keep_never: "Как сейчас: никогда",
        networks: "Разрешённые сети",
        networks_hint: "Адреса или сети, например 192.0.2.0/24, через пробел. Пусто: отовсюду.",
        audiences: "Приложения",
        audiences_hint: "uri каждого приложения, для которого он может получать токены, через пробел.",
        lifetime: "Срок жизни токена в секундах",
        lifetime_hint: "От 60 до 3600. Сервис, который проверяет сам, принимает токен, пока тот не истечёт.",
        preview: |what, until| match until {
            Some(until) => format!("До {until} он сможет: {what}."),
            None => format!("Бессрочно он сможет: {what}."),
        },
        preview_nothing: "получить токен, который в консоли ничего не разрешает",
        preview_title: "Коротко",
        preview_button: "Показать коротко, что он сможет",
        save: "Сохранить",
        cancel: "Отмена",
        problem: "Ниже нужно кое-что исправить. Ничего не изменено.",
        name_missing: "Дайте ему имя.",
        description_wrong: "Не длиннее 500 символов и без управляющих символов, таких как табуляция.",
        name_wrong: "В имени не больше 100 символов, без управляющих символов и без пробелов по краям.",
        date_wrong: "День не раньше завтрашнего, в виде ГГГГ-ММ-ДД.",
        networks_wrong: "Не больше 50 адресов или сетей, например 192.0.2.7 или 2001:db8::/32.",
        scopes_wrong: "Что-то из этого сейчас дать нельзя.",
        audiences_wrong: "Не больше 50; каждый — uri существующего приложения, без повторов.",
        lifetime_wrong: "Число от 60 до 3600.",
        current_password: "Ваш пароль",
    },
    secret: ClientSecretText {
        made: |name| format!("{name}: готово"),
        rotated: |name| format!("Новый секрет: {name}"),
        once: "Секрет показывается только сейчас. Скопируйте его туда, где его найдёт программа.",
        client_id: "client_id",
        client_secret: "client_secret",
        curl: "Токен с помощью curl",
        environment: "Как переменные окружения",
        done: "Секрет скопирован",
        again_title: "Уже сделано",
        again: "Эта форма уже была отправлена, и всё было сделано тогда. Сейчас ничего нового не создано.",
        again_lost: "Ещё раз показать секрет нельзя. Если вы его не скопировали, сделайте другой: смените секрет \
            ключа или удалите ключ и создайте новый.",
    },
    rotate: Rotate {
        title: |name| format!("Сменить секрет: {name}"),
        lead: "Сразу появится второй секрет, и до конца срока старого работают оба: за это время поменяйте его в программе.",
        old_ends: "Старый секрет действует",
        now: "Прекратить сейчас",
        now_hint: "Для утёкшего секрета. Всё, что им ещё пользуется, сразу перестанет работать.",
        in_hours: |hours| match hours {
            1 => "Ещё 1 час".to_owned(),
            24 => "Ещё 24 часа".to_owned(),
            hours => format!("Ещё {hours} ч"),
        },
        in_days: |days| format!("Ещё {days} дней"),
        quiet: "Считать, что старый секрет можно удалить, если он не использовался",
        quiet_hint: "Дольше, чем ваша программа ждёт между двумя токенами; обычно это час.",
        minutes: |minutes| format!("{minutes} минут"),
        hours: |hours| match hours {
            1 => "1 час".to_owned(),
            24 => "24 часа".to_owned(),
            hours => format!("{hours} часов"),
        },
        button: "Создать новый секрет",
        two_already: "Секретов уже два. Сначала удалите старый или прекратите его действие сейчас.",
    },
    one: OneClient {
        may: "Что ему можно",
        may_nothing: "В консоли — ничего.",
        never_used: |scopes| format!("ни разу не использовано: {scopes}"),
        used_all: "Он пользовался всем, что ему можно.",
        networks: "Разрешённые сети",
        any_network: "отовсюду",
        audiences: "Приложения",
        lifetime: "Срок жизни токена",
        seconds: |seconds| format!("{seconds} с"),
        secrets: "Секреты",
        secret: "Секрет",
        newest: "новый",
        older: "старый",
        created: "Создан",
        ends: "Действует до",
        last_used: "Использован",
        act: "Действие",
        safe: "можно удалить",
        remove: "Удалить",
        remove_title: "Удалить секрет, которым пользуются?",
        remove_used: |when, from| {
            format!(
                "Он использовался {when} с адреса {from}. Всё, что им пользуется, сразу перестанет работать."
            )
        },
        remove_anyway: "Всё равно удалить",
        events: "Последние события",
        no_events: "Пока ничего.",
        when: "Когда",
        what: "Что",
        by: "Кто",
        event: |kind| {
            Some(match kind {
                "client.created" => "создан",
                "client.imported" => "перенесён из другой системы",
                "client.updated" => "изменён",
                "client.rotated" => "секрет сменён",
                "client.secret_removed" => "секрет удалён",
                "client.disabled" => "отключён",
                "client.enabled" => "включён",
                "client.cut_off" => "отрезан: все прежние токены отвергаются",
                "client.deleted" => "удалён",
                "client.first_used" => "использован впервые",
                "token.refused" => "отказано в токене",
                _ => return None,
            })
        },
        reason: |reason| {
            Some(match reason {
                "wrong secret" => "неверный секрет",
                "client disabled" => "был отключён",
                "client expired" => "истёк",
                "client or secret ends within a minute" => {
                    "он или его секрет кончается в течение минуты"
                }
                "owner disabled" => "пользователь отключён",
                "network not allowed" => "не из разрешённой сети",
                _ => return None,
            })
        },
        chart: "Токенов в день",
        chart_text: |all, most, day| {
            format!("За 90 дней выдано токенов: {all}; больше всего за день: {most}, {day}.")
        },
        chart_nothing: "За последние 90 дней токенов не выдавалось.",
        edit: "Изменить",
        rotate: "Сменить секрет",
        disable: "Отключить",
        enable: "Включить",
        cut_off: "Отрезать сейчас",
        delete: "Удалить",
        disable_hint: "Он не получает токенов, а прежние здесь отвергаются, пока его снова не включат.",
        enable_hint: "Он снова работает. Прежние токены по-прежнему отвергаются.",
        cut_off_hint: "Отвергает все выданные до сих пор токены. Сам ключ продолжает действовать.",
        delete_hint: "Навсегда. Его client_id больше никому не достанется.",
        rotate_hint: "Новый секрет рядом со старым, без перерыва в работе.",
        only_administrator: "Его отключил администратор: включить может только администратор.",
        acts: "Изменить его",
        expired_kept: |days| format!("Через {days} дней после истечения срока он убирается."),
    },
    end: EndClient {
        title: |name| format!("Удалить {name}?"),
        lead: "Всё, что им пользуется, сразу перестанет работать, и вернуть его нельзя.",
        type_name: |name| format!("Для подтверждения введите его имя: {name}"),
        differs: "Это не его имя.",
        button: "Удалить навсегда",
    },
    sentence: |scope| match scope {
        Scope::OpenId => {
            "Сообщать, кто вы: к токенам прилагается id_token, который нужен клиентам консоли."
        }
        Scope::ApplicationsRead => "Видеть приложения и их состояние.",
        Scope::ApplicationsWrite => {
            "Регистрировать, менять, запускать, останавливать и удалять приложения, подключать пользователей."
        }
        Scope::UsersRead => "Видеть пользователей и списки пользователей.",
        Scope::UsersWrite => {
            "Создавать, менять и удалять пользователей и списки, сбрасывать пароли."
        }
        Scope::KeysRead => {
            "Видеть ключи доступа, когда и откуда ими пользовались; секреты — никогда."
        }
        Scope::KeysWrite => {
            "Создавать, менять и удалять ключи доступа, ни один из которых не может больше, чем этот."
        }
        Scope::AuditRead => "Читать журнал аудита.",
        Scope::Introspect => "Спрашивать, действителен ли токен.",
    },
    deed: |scope| match scope {
        Scope::OpenId => "сообщать, кто вы",
        Scope::ApplicationsRead => "видеть приложения",
        Scope::ApplicationsWrite => "менять приложения",
        Scope::UsersRead => "видеть пользователей",
        Scope::UsersWrite => "менять пользователей",
        Scope::KeysRead => "видеть ключи доступа",
        Scope::KeysWrite => "менять ключи доступа",
        Scope::AuditRead => "читать журнал аудита",
        Scope::Introspect => "спрашивать о токенах",
    },
};
