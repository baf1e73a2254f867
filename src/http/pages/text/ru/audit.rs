//! Russian: the audit log.

use crate::http::pages::text::Audit;

pub const AUDIT: Audit = Audit {
    title: "Журнал аудита",
    lead: "Кто, что и с чем сделал; новое сверху. Секретов в нём нет.",
    at: "Когда",
    kind: "Событие",
    actor: "Кто",
    object: "С чем",
    object_kind: "Вид объекта",
    object_id: "Id объекта",
    details: "Подробности",
    from: "С",
    until: "По конец дня",
    search: "Где угодно",
    filter: "Отобрать",
    export: "Выгрузить в CSV",
    nothing_found: "Подходящих событий нет.",
    date_wrong: "Дата пишется как год-месяц-день.",
};
