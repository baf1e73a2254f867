//! The tables as diesel knows them; migrations/ is where they are made.

use diesel::{allow_tables_to_appear_in_same_query, joinable, table};

table! {
    change_head (id) { id -> BigInt, epoch -> Text, number -> BigInt, }
}
table! {
    changes (number) {
        number -> BigInt,
        kind -> Text,
        subject -> Text,
        changed_at -> BigInt,
        mark -> Nullable<Text>,
    }
}
table! {
    clock_marks (id) { id -> BigInt, highest_at -> BigInt, padding -> Nullable<Text>, }
}
table! {
    instance (id) {
        id -> BigInt,
        master_key_fingerprint -> Text,
        created_at -> BigInt,
        text_version -> Nullable<BigInt>,
    }
}
table! {
    digest_keys (id) { id -> Text, sealed -> Text, created_at -> BigInt, }
}
table! {
    signing_keys (kid) {
        kid -> Text,
        state -> Text,
        bits -> BigInt,
        sealed -> Text,
        published_at -> BigInt,
        activated_at -> Nullable<BigInt>,
    }
}
table! {
    user_lists (id) {
        id -> Text,
        presentation -> Text,
        presentation_folded -> Text,
        space_id -> Nullable<Text>,
        include_personal_data -> Bool,
        self_registration -> Bool,
        self_registration_phone -> Bool,
        self_registration_email -> Bool,
        created_at -> BigInt,
        deleted_at -> Nullable<BigInt>,
    }
}
table! {
    users (id) {
        id -> Text,
        user_list_id -> Text,
        login -> Text,
        login_folded -> Text,
        presentation -> Text,
        email -> Nullable<Text>,
        phone -> Nullable<Text>,
        search -> Text,
        role -> Text,
        password_hash -> Text,
        password_temporary -> Bool,
        disabled_at -> Nullable<BigInt>,
        disabled_by -> Nullable<Text>,
        generation -> BigInt,
        created_at -> BigInt,
        deleted_at -> Nullable<BigInt>,
        password_ends_at -> Nullable<BigInt>,
    }
}
table! {
    clients (id) {
        id -> Text,
        user_id -> Nullable<Text>,
        name -> Text,
        description -> Text,
        search -> Text,
        scope -> Text,
        application_scopes -> Text,
        audiences -> Text,
        lifetime -> BigInt,
        allowed_networks -> Text,
        expires_at -> Nullable<BigInt>,
        disabled_at -> Nullable<BigInt>,
        disabled_by -> Nullable<Text>,
        generation -> BigInt,
        created_at -> BigInt,
        deleted_at -> Nullable<BigInt>,
        provisions_users -> Nullable<Bool>,
        default_audience -> Nullable<Text>,
    }
}
table! {
    client_secrets (id) {
        id -> Text,
        client_id -> Text,
        digest -> Text,
        digest_key_id -> Text,
        created_at -> BigInt,
        expires_at -> Nullable<BigInt>,
        quiet_for -> Nullable<BigInt>,
    }
}
table! {
    applications (id) {
        id -> Text,
        name -> Text,
        display_name -> Text,
        description -> Text,
        uri -> Text,
        status -> Text,
        source_kind -> Text,
        project_version_id -> Nullable<Text>,
        image_id -> Nullable<Text>,
        space_id -> Nullable<Text>,
        technology_version -> Text,
        development_mode -> Bool,
        autostarting_scheduled_jobs -> Bool,
        autostarting_esb -> Bool,
        default_time_zone -> Nullable<Text>,
        default_locale -> Nullable<Text>,
        dbms_type -> Text,
        default_user_list_id -> Nullable<Text>,
        scopes -> Text,
        search -> Text,
        created_at -> BigInt,
        deleted_at -> Nullable<BigInt>,
    }
}
table! {
    application_user_lists (application_id, user_list_id) {
        application_id -> Text,
        user_list_id -> Text,
        place -> BigInt,
    }
}
table! {
    spaces (id) {
        id -> Text,
        owner_id -> Nullable<Text>,
        name -> Text,
        name_folded -> Text,
        applications_quota -> Nullable<BigInt>,
        users_quota -> Nullable<BigInt>,
        project_creation_allowed -> Bool,
        created_at -> BigInt,
    }
}
table! {
    application_users (application_id, user_id) {
        application_id -> Text,
        user_id -> Text,
        user_list_id -> Text,
        login_folded -> Text,
        by_name -> Bool,
        presentation -> Text,
        presentation_folded -> Text,
        is_admin -> Bool,
        token_access -> Bool,
        connected_at -> BigInt,
    }
}
table! {
    application_uris (uri) { uri -> Text, application_id -> Text, given_up_at -> BigInt, }
}
table! {
    one_time_forms (name) { name -> Text, sent_at -> BigInt, }
}
table! {
    client_uses (client_id) {
        client_id -> Text,
        first_used_at -> BigInt,
        last_used_at -> BigInt,
        last_used_from -> Text,
        secrets -> Text,
        scopes -> Text,
        days -> Text,
    }
}
table! {
    audit_events (id) {
        id -> Text,
        at -> BigInt,
        actor -> Text,
        key -> Nullable<Text>,
        kind -> Text,
        object_kind -> Text,
        object_id -> Text,
        details -> Text,
        request_id -> Nullable<Text>,
        search -> Text,
    }
}
table! {
    half_sign_ins (id) {
        id -> Text,
        user_id -> Text,
        peer -> Text,
        agent -> Text,
        at -> BigInt,
        told_at -> Nullable<BigInt>,
    }
}
table! {
    second_factors (user_id) {
        user_id -> Text,
        sealed -> Text,
        last_step -> BigInt,
        tries -> BigInt,
        tries_since_at -> BigInt,
        created_at -> BigInt,
        confirmed_at -> Nullable<BigInt>,
    }
}
table! {
    recovery_codes (id) {
        id -> Text,
        user_id -> Text,
        digest -> Text,
        digest_key_id -> Text,
        created_at -> BigInt,
        used_at -> Nullable<BigInt>,
    }
}
table! {
    sessions (id) {
        id -> Text,
        digest -> Text,
        digest_key_id -> Text,
        user_id -> Text,
        stage -> Text,
        tries -> BigInt,
        peer -> Text,
        agent -> Text,
        created_at -> BigInt,
        confirmed_at -> BigInt,
        last_seen_at -> BigInt,
    }
}

joinable!(application_user_lists -> applications (application_id));
joinable!(application_users -> applications (application_id));
joinable!(users -> user_lists (user_list_id));
allow_tables_to_appear_in_same_query!(change_head, changes);
allow_tables_to_appear_in_same_query!(audit_events, clients);
allow_tables_to_appear_in_same_query!(applications, application_user_lists, application_users);
allow_tables_to_appear_in_same_query!(user_lists, users);
allow_tables_to_appear_in_same_query!(spaces, applications);
allow_tables_to_appear_in_same_query!(spaces, user_lists);
