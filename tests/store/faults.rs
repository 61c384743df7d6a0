//! Faults on purpose: the memory store does what it is told to do wrong, and nothing else.

use bytes::Bytes;
use twotake::store::{Act, Memory, Store, StoreError};

#[tokio::test]
async fn an_injected_fault_hits_only_the_act_and_key_it_names() {
    let store = Memory::default();
    store.inject(|act, key| (act == Act::Put && key == "a/1").then_some(StoreError::Full));
    assert!(matches!(store.put("a/1", Bytes::new(), "").await, Err(StoreError::Full)));
    store.put("a/2", Bytes::new(), "").await.unwrap();
    store.heal();
    store.put("a/1", Bytes::new(), "").await.unwrap();
}

#[tokio::test]
async fn a_lost_answer_leaves_the_object_stored() {
    let store = Memory::default();
    let lost = || StoreError::Failed { passing: true, cause: "the answer was lost".into() };
    store.inject(move |act, _| (act == Act::Stored).then(lost));
    assert!(store.put("a/1", Bytes::from_static(b"x"), "").await.is_err());
    assert_eq!(store.head("a/1").await.unwrap().unwrap().size, 1);
}
