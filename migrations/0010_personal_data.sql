-- What people may ask of their own data, and the whole of it in one place.

create type request_about as enum ('record', 'hours');

-- What somebody wants put right. It stays as it was written; UU 27/2022 gives three days.
create table correction_request (
    id bigint generated always as identity primary key,
    person_id bigint not null references person,
    about request_about not null,
    -- Of the record.
    field person_field,
    -- Of attendance and hours; none for a class that the person does not find in their list.
    class_id bigint references class,
    -- What it should say, and why. Emptied when the account is erased.
    wanted text not null,
    reason text not null,
    asked_at timestamptz not null,
    due_at timestamptz not null check (due_at = asked_at + interval '72 hours'),
    -- Of the form: sent twice, it asks once.
    form_key text not null unique,
    check ((about = 'record') = (field is not null)),
    check (about = 'hours' or class_id is null)
);
create index on correction_request (person_id);

create type request_verdict as enum ('done', 'refused');

create table correction_answer (
    request_id bigint primary key references correction_request,
    verdict request_verdict not null,
    -- What was changed, or why nothing was.
    words text not null,
    answered_at timestamptz not null,
    answered_by bigint not null references person
);

-- Who had an account erased, and how much went. The person's name stays with their record.
create table destruction (
    id bigint generated always as identity primary key,
    person_id bigint not null references person,
    at timestamptz not null,
    by bigint not null references person,
    -- Rows that went, by table.
    counts jsonb not null
);

-- Texts of requests may be emptied, all at once; nothing else changes.
create function refuse_all_but_emptying() returns trigger language plpgsql as $$
declare
    texts constant text[] := array['wanted', 'reason', 'words'];
begin
    if to_jsonb(new) - texts <> to_jsonb(old) - texts
        or exists (select from jsonb_each_text(to_jsonb(new)) t where t.key = any(texts) and t.value <> '') then
        raise exception '% only ever grows', tg_table_name using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;

do $$
declare
    history text;
begin
    foreach history in array array['correction_request', 'correction_answer'] loop
        execute format('create trigger frozen before update on %I
            for each row execute function refuse_all_but_emptying()', history);
        execute format('create trigger kept before delete on %I
            for each row execute function refuse_change()', history);
        execute format('create trigger kept_truncate before truncate on %I
            for each statement execute function refuse_change()', history);
    end loop;
end $$;
create trigger append_only before update or delete on destruction
    for each row execute function refuse_change();
create trigger append_only_truncate before truncate on destruction
    for each statement execute function refuse_change();

-- Whoever asked for a correction is in use.
do $$ begin
    execute 'create or replace view person_in_use as ' || rtrim(pg_get_viewdef('person_in_use'), ';')
        || ' union select person_id from correction_request union select person_id from destruction';
end $$;

-- What tables with columns of `acts` below say of whoever acted in office: how often, and when.
-- The rows themselves are about others.
create view personal_act as
    select uploaded_by as record_id, 'staff_import.uploaded_by' as act, uploaded_at as at from staff_import
    union all select confirmed_by, 'staff_import.confirmed_by', confirmed_at from staff_import
    union all select discarded_by, 'staff_import.discarded_by', discarded_at from staff_import
    union all select undone_by, 'staff_import.undone_by', undone_at from staff_import
    union all select added_by, 'person.added_by', added_at from person
    union all select recorded_by, 'person_nip.recorded_by', recorded_at from person_nip
    union all select by, 'person_change.by', at from person_change
    union all select by, 'unit_change.by', at from unit_change
    union all select link_by, 'password.link_by', set_at from password
    union all select made_by, 'activation.made_by', made_at from activation
    union all select known_to, 'activation.known_to', made_at from activation
    union all select granted_by, 'role_grant.granted_by', granted_at from role_grant
    union all select revoked_by, 'role_grant.revoked_by', revoked_at from role_grant
    union all select changed_by, 'setting.changed_by', changed_at from setting
    union all select changed_by, 'target_version.changed_by', changed_at from target_version
    union all select changed_by, 'logo.changed_by', changed_at from logo
    union all select by, 'class_event.by', at from class_event
    union all select v.by, 'enrolment_event.by', v.at from enrolment_event v
        join enrolment e on e.id = v.enrolment_id where e.person_id <> v.by
    union all select uploaded_by, 'import.uploaded_by', uploaded_at from import
    union all select confirmed_by, 'import.confirmed_by', confirmed_at from import
    union all select discarded_by, 'import.discarded_by', discarded_at from import
    union all select undone_by, 'import.undone_by', undone_at from import
    union all select chosen_by, 'import_row.chosen_by', chosen_at from import_row
    union all select recorded_by, 'evidence.recorded_by', recorded_at from evidence
    union all select withdrawn_by, 'evidence.withdrawn_by', withdrawn_at from evidence
    union all select decided_by, 'decision.decided_by', decided_at from decision
    union all select recorded_by, 'ledger_entry.recorded_by', recorded_at from ledger_entry
    union all select issued_by, 'certificate.issued_by', issued_at from certificate
    union all select revoked_by, 'certificate.revoked_by', revoked_at from certificate
    union all select answered_by, 'correction_answer.answered_by', answered_at from correction_answer
    union all select link_by, 'authenticator.link_by', made_at from authenticator
    union all select link_by, 'passkey.link_by', added_at from passkey
    union all select proposed_by, 'proposal.proposed_by', proposed_at from proposal
    union all select decided_by, 'proposal.decided_by', decided_at from proposal
    union all select by, 'destruction.by', at from destruction;

-- Everything that is held about a record, a row a fact. A test fails where a table or column that
-- tells of people is neither here nor among its named exceptions. Keys are the words of the page.
create view personal_data as
    select p.id as record_id, 'catatan' as section, p.added_at as at, jsonb_build_object(
        'nama', p.name, 'kepegawaian', p.employment, 'unit_kerja', u.name, 'jabatan', p.position,
        'jenis_jabatan', p.position_kind, 'pangkat', p.rank, 'surel', p.email, 'telepon', p.phone,
        'mulai_bekerja', p.employed_from, 'akhir_kontrak', p.employed_until, 'status', p.standing,
        'status_sejak', p.standing_since, 'dicatat_pada', p.added_at, 'berkas_daftar_pegawai', s.file_name,
        'terbaca_sebagai_catatan', p.merged_into) as what
    from person p join unit u on u.id = p.unit_id left join staff_import s on s.id = p.staff_import_id
    union all
    select person_id, 'nip', recorded_at, jsonb_build_object(
        'nip', nip, 'dicatat_pada', recorded_at, 'berakhir_pada', ended_at)
    from person_nip
    union all
    select c.person_id, 'perubahan', c.at, jsonb_build_object(
        'isian', c.field, 'sebelum', coalesce(u.name, c.before), 'sesudah', c.after, 'pada', c.at,
        'berkas_daftar_pegawai', s.file_name)
    from person_change c left join staff_import s on s.id = c.staff_import_id left join unit u on u.id = c.before_unit
    union all
    select g.person_id, 'peran', g.granted_at, jsonb_build_object(
        'peran', g.role, 'unit', u.name, 'diberikan_pada', g.granted_at, 'dicabut_pada', g.revoked_at)
    from role_grant g join unit u on u.id = g.unit_id
    union all
    select e.person_id, 'pendaftaran', v.at, jsonb_build_object(
        'kelas', c.title, 'mulai', c.starts, 'keadaan', v.state, 'pada', v.at, 'alasan', v.reason,
        'tempat_antrean', e.queue_place, 'keadaan_sekarang', e.state)
    from enrolment e join class c on c.id = e.class_id join enrolment_event v on v.enrolment_id = e.id
    union all
    select r.person_id, 'laporan_zoom', i.uploaded_at, jsonb_build_object(
        'kelas', c.title, 'berkas', i.file_name, 'nama_di_zoom', r.name, 'nama_asal', r.original_name,
        'surel_di_zoom', r.email, 'nomor_pendaftar', r.registrant_id, 'masuk', r.joined, 'keluar', r.departed,
        'jumlah_detik', r.total_seconds, 'dikenali_dari', r.matched, 'diabaikan', r.ignored,
        'di_luar_kuota', r.walk_in, 'dipilih_pada', r.chosen_at)
    from import_row r join import i on i.id = r.import_id join class c on c.id = i.class_id
    where r.person_id is not null
    union all
    select e.person_id, 'bukti', e.recorded_at, jsonb_build_object(
        'kelas', c.title, 'jenis', e.kind, 'jalur', e.lane, 'masuk', e.joined, 'keluar', e.departed,
        'jumlah_detik', e.total_seconds, 'hadir', e.present, 'alasan', e.reason, 'dicatat_pada', e.recorded_at,
        'ditarik_pada', e.withdrawn_at)
    from evidence e join class c on c.id = e.class_id
    union all
    select d.person_id, 'keputusan', d.decided_at, jsonb_build_object(
        'kelas', c.title, 'revisi', d.revision, 'hasil', d.outcome, 'jp', d.jp, 'detik_hadir', d.seconds,
        'detik_diperlukan', d.needed, 'detik_kelas', d.class_seconds, 'kalimat', d.sentence,
        'diputuskan_pada', d.decided_at)
    from decision d join class c on c.id = d.class_id
    union all
    select l.person_id, 'jp', l.recorded_at, jsonb_build_object(
        'nomor', l.number, 'tahun', l.year, 'tanggal', l.happened_on, 'jp', l.jp, 'keterangan', l.note,
        'membatalkan_nomor', l.reverses, 'dicatat_pada', l.recorded_at)
    from ledger_entry l
    union all
    select x.person_id, 'sertifikat', x.issued_at, jsonb_build_object(
        'nomor', x.label, 'kode', x.code, 'jenis', x.kind, 'tahun', x.year, 'isi', x.paper, 'terbit_pada', x.issued_at,
        'dicabut_pada', x.revoked_at, 'alasan_pencabutan', x.revoked_because)
    from certificate x
    union all
    select s.person_id, 'pengajar', c.starts, jsonb_build_object(
        'kelas', c.title, 'sebagai', s.speaking, 'nama', s.name, 'jabatan', s.office, 'mulai', c.starts)
    from class_speaker s join class c on c.id = s.class_id where s.person_id is not null
    union all
    select person_id, 'kata_sandi', set_at, jsonb_build_object('dibuat_pada', set_at) from password
    union all
    select person_id, 'tautan', made_at, jsonb_build_object(
        'cara', way, 'dibuat_pada', made_at, 'berlaku_sampai', expires_at, 'dipakai_pada', used_at)
    from activation
    union all
    select person_id, 'masuk', started_at, jsonb_build_object(
        'masuk_pada', started_at, 'terakhir_dipakai', seen_at, 'perangkat_sendiri', own_device, 'berakhir_pada', ended_at)
    from sign_in
    union all
    select n.person_id, 'percobaan_masuk', t.at, jsonb_build_object('nip', t.nip, 'pada', t.at)
    from sign_in_try t join person_nip n on n.nip = t.nip
    union all
    select n.person_id, 'permintaan_tautan', r.at, jsonb_build_object('nip', r.nip, 'pada', r.at)
    from link_request r join person_nip n on n.nip = r.nip
    union all
    select person_id, 'perangkat', seen_at, jsonb_build_object('terakhir_masuk', seen_at) from known_device
    union all
    select person_id, 'autentikator', made_at, jsonb_build_object('dipasang_pada', made_at, 'dipakai_sejak', confirmed_at)
    from authenticator
    union all
    select person_id, 'passkey', added_at, jsonb_build_object(
        'nama', name, 'ditambahkan_pada', added_at, 'terakhir_dipakai', used_at)
    from passkey
    union all
    select person_id, 'kode_pemulihan', made_at, jsonb_build_object('dibuat_pada', made_at, 'dipakai_pada', used_at)
    from recovery_code
    union all
    select person_id, 'akun_terhubung', linked_at, jsonb_build_object(
        'penyedia', issuer, 'nomor_di_penyedia', subject, 'terhubung_sejak', linked_at, 'diputus_pada', ended_at)
    from sso_link
    union all
    select o.person_id, 'usulan_perubahan', o.proposed_at, jsonb_build_object(
        'nip', o.nip, 'nip_lama_salah', o.nip_was_wrong, 'unit_kerja', u.name, 'status', o.standing,
        'status_sejak', o.standing_since, 'diusulkan_pada', o.proposed_at, 'diputuskan_pada', o.decided_at,
        'disetujui', o.accepted)
    from proposal o join unit u on u.id = o.unit_id
    union all
    select person_id, 'surel', made_at, jsonb_build_object(
        'tentang', kind, 'kepada', recipient, 'judul', title, 'keadaan', state, 'dibuat_pada', made_at,
        'selesai_pada', ended_at, 'keterangan_server', reason)
    from mail
    union all
    select q.person_id, 'permintaan', q.asked_at, jsonb_build_object(
        'tentang', q.about, 'isian', q.field, 'kelas', c.title, 'seharusnya', q.wanted, 'alasan', q.reason,
        'diajukan_pada', q.asked_at, 'paling_lambat', q.due_at, 'jawaban', a.verdict, 'kalimat_jawaban', a.words,
        'dijawab_pada', a.answered_at)
    from correction_request q left join class c on c.id = q.class_id
    left join correction_answer a on a.request_id = q.id
    union all
    select person_id, 'penghapusan', at, jsonb_build_object('pada', at, 'jumlah', counts) from destruction
    union all
    select record_id, 'tindakan', max(at), jsonb_build_object(
        'tindakan', act, 'jumlah', count(*), 'pertama', min(at), 'terakhir', max(at))
    from personal_act where record_id is not null group by record_id, act;
