//! What a step does with what it finds.

use super::*;

#[test]
fn rules_of_always_keep_their_numbers_and_none_is_given_twice_when_they_get_a_use() {
    let mut connection = Connection::open_in_memory().unwrap();
    let before = STEPS
        .iter()
        .position(|step| step.contains("allowances_with_use"))
        .unwrap();
    for step in &STEPS[..before] {
        connection.execute_batch(step).unwrap();
    }
    connection
        .pragma_update(None, "user_version", i64::try_from(before).unwrap())
        .unwrap();
    let rule = "INSERT INTO allowances (id, folder, agent, permission, pattern, origin, session, created)
         VALUES (?1, '/work', 'build', 'bash', ?1, 'asked', 'ses_gone', 5)";
    connection.execute(rule, [3]).unwrap();
    connection.execute(rule, [9]).unwrap();
    connection
        .execute("DELETE FROM allowances WHERE id = 9", [])
        .unwrap();
    migrate(&mut connection).unwrap();
    let kept: (i64, String, u32, Option<i64>) = connection
        .query_row("SELECT id, thread, uses, last_used FROM allowances", [], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })
        .unwrap();
    assert_eq!(kept, (3, String::new(), 0, None));
    let next = "INSERT INTO allowances (folder, agent, permission, pattern, origin, session, created)
         VALUES ('/work', 'build', 'bash', 'x', 'asked', 's', 6)";
    connection.execute(next, []).unwrap();
    assert_eq!(
        connection.last_insert_rowid(),
        10,
        "9 was given and taken back before"
    );
}
