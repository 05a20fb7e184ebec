#pragma once

#include "store/lmdb.hpp"

namespace store {

/// Values with an age: `values` holds id -> time and value, `by_time` holds time and id, so that the oldest
/// are found first.
struct AgedTables {
    lmdb::Table values;
    lmdb::Table by_time;
};

/// Every table of the store, and what its keys and values are.
struct Tables {
    lmdb::Table meta;             ///< what the store itself is: format, id, key
    lmdb::Table records;          ///< name -> record (format.hpp)
    lmdb::Table by_request;       ///< spot request -> name
    lmdb::Table by_machine;       ///< machine -> name
    lmdb::Table by_image;         ///< image that we made -> name
    lmdb::Table kept_images;      ///< name -> what it left when it was retired
    lmdb::Table by_dns;           ///< DNS key of fleet::Keys -> name
    lmdb::Table by_group;         ///< group, 0, name -> what the member shows to the others
    lmdb::Table replacing;        ///< name -> : replacements that can wait and are under way
    lmdb::Table pools;            ///< type/subnet/market -> pool health
    lmdb::Table counters;         ///< counter -> number
    AgedTables seen;              ///< event id ->
    AgedTables commands;          ///< uid -> what became of the command; on disk `registrations`
    AgedTables tombstones;        ///< uid -> tombstone
    lmdb::Table unclaimed;        ///< number -> message
    lmdb::Table unclaimed_by_id;  ///< id, 0, number ->
    lmdb::Table journal;          ///< number -> journal entry
    lmdb::Table journal_by_name;  ///< name, 0, number -> how many the name had up to here
    lmdb::Table rejected;         ///< number -> rejected message

    /// Opens all, making those that are missing.
    static Tables make(lmdb::WriteTransaction& transaction);
};

}  // namespace store
