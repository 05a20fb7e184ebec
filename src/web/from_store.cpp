#include "web/from_store.hpp"

namespace web {

using base::Result;
using boost::asio::awaitable;

namespace {

/// A failure of the store and one of its closure are one to the caller.
template <class T>
Result<T> flatten(Result<Result<T>> nested) {
    return nested ? *std::move(nested) : std::unexpected(std::move(nested.error()));
}

awaitable<Result<std::optional<fleet::Record>>> find(store::Store* store, std::string name) {
    co_return flatten(co_await store->read(
        [&name](const store::ReadTransaction& transaction) { return transaction.find(name); }));
}

awaitable<Result<std::vector<ListedRecord>>> list(store::Store* store, std::string after, std::size_t limit) {
    co_return co_await store->read([&after, limit](const store::ReadTransaction& transaction) {
        std::vector<ListedRecord> page;
        for (auto& name : transaction.names(after, limit)) {
            auto found = transaction.find(name);
            if (!found) {
                page.push_back({std::move(name), std::unexpected(std::move(found.error()))});
            } else if (*found) {
                page.push_back({std::move(name), std::move(**found)});
            }
        }
        return page;
    });
}

awaitable<Result<std::vector<store::NumberedEntry>>> history(store::Store* store, std::string name,
                                                             std::size_t limit, std::uint64_t below) {
    co_return co_await store->read([&name, limit, below](const store::ReadTransaction& transaction) {
        return name.empty() ? transaction.journal(limit, below) : transaction.journal_of(name, limit, below);
    });
}

awaitable<Result<std::vector<store::RejectedMessage>>> rejected(store::Store* store, std::size_t limit,
                                                                std::uint64_t below) {
    co_return co_await store->read([limit, below](const store::ReadTransaction& transaction) {
        return transaction.rejected(limit, below);
    });
}

awaitable<Result<std::optional<base::Time>>> seen(store::Store* store, std::string id) {
    co_return co_await store->read([&id](const store::ReadTransaction& transaction) {
        // The caller does not say of what kind the message was.
        std::optional<base::Time> at;
        for (const std::string kind : {"event/", "command/", "message/"}) {
            at = at ? at : transaction.seen_at(kind + id);
        }
        return at;
    });
}

awaitable<Result<std::optional<std::string>>> owner_of_dns(store::Store* store, std::string key) {
    co_return co_await store->read(
        [&key](const store::ReadTransaction& transaction) { return transaction.name_of_dns(key); });
}

awaitable<Result<std::optional<store::Command>>> command(store::Store* store, std::string uid) {
    co_return co_await store->read(
        [&uid](const store::ReadTransaction& transaction) { return transaction.command(uid); });
}

}  // namespace

void read_from(store::Store* store, Backend* backend) {
    for (const auto& record : store->quarantined()) {
        backend->unreadable.emplace(record.name, record.reason);
    }
    backend->find = [store](std::string name) { return find(store, std::move(name)); };
    backend->list = [store](std::string after, std::size_t limit) {
        return list(store, std::move(after), limit);
    };
    backend->history = [store](std::string name, std::size_t limit, std::uint64_t below) {
        return history(store, std::move(name), limit, below);
    };
    backend->rejected = [store](std::size_t limit, std::uint64_t below) {
        return rejected(store, limit, below);
    };
    backend->seen = [store](std::string id) { return seen(store, std::move(id)); };
    backend->owner_of_dns = [store](std::string key) { return owner_of_dns(store, std::move(key)); };
    backend->command = [store](std::string uid) { return command(store, std::move(uid)); };
}

}  // namespace web
