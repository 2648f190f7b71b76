//! Whom to sign in as.

use crate::account::Role;
use sqlx::PgConnection;

/// A sign-in that is printed when the demo world is served.
#[derive(Debug, Clone, Copy)]
pub struct Printed {
    pub nip: &'static str,
    pub who: &'static str,
}

pub const PRINTED: [Printed; 6] = [
    Printed { nip: "198001012005011001", who: "Administrator" },
    Printed { nip: "198202022006042002", who: "Penyelenggara (BPSDMD)" },
    Printed { nip: "198503032009031003", who: "Operator OPD (Dinas Kesehatan)" },
    Printed { nip: "197004041995031004", who: "Pimpinan" },
    Printed { nip: "199005052015032005", who: "ASN dengan kelas, daftar tunggu, dan sebagian JP" },
    Printed { nip: "199306062020121006", who: "ASN yang belum mengikuti kelas" },
];

/// Somebody who can sign in to the demo world.
#[derive(Debug, Clone)]
pub struct SignIn {
    pub nip: String,
    pub name: String,
    pub unit: String,
    roles: Vec<Role>,
}

impl SignIn {
    /// The codes of their roles; everybody is a learner.
    pub fn roles(&self) -> Vec<&'static str> {
        std::iter::once("learner").chain(self.roles.iter().map(|role| role.code())).collect()
    }
}

/// Everybody who has a password, in the order in which they were recorded.
pub async fn sign_ins(db: &mut PgConnection) -> sqlx::Result<Vec<SignIn>> {
    sqlx::query_as!(
        SignIn,
        r#"select n.nip, p.name, u.name as unit,
             array(select role from role_grant g where g.person_id = p.id and g.revoked_at is null order by g.id)
               as "roles!: Vec<Role>"
         from person p
         join person_nip n on n.person_id = p.id and n.ended_at is null
         join unit u on u.id = p.unit_id
         where exists (select from password w where w.person_id = p.id)
         order by p.id"#
    )
    .fetch_all(db)
    .await
}
