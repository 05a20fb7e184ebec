#include "store/store.hpp"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <system_error>

#include "store/folder.hpp"
#include "store/open.hpp"
#include "store/storage_thread.hpp"

namespace store {
namespace {

namespace asio = boost::asio;

/// Gives the closure to the thread; the coroutine goes on, on its own executor, when it is done.
asio::awaitable<base::Result<void>> run(StorageThread* thread,
                                        std::variant<WriteClosure, ReadClosure> closure) {
    auto initiate = [thread](auto handler, std::variant<WriteClosure, ReadClosure> work) {
        auto guard = asio::make_work_guard(asio::get_associated_executor(handler));
        thread->submit({
            .closure = std::move(work),
            .done =
                [handler = std::move(handler), guard = std::move(guard)](base::Result<void> result) mutable {
                    asio::post(guard.get_executor(),
                               [handler = std::move(handler), result = std::move(result)]() mutable {
                                   std::move(handler)(std::move(result));
                               });
                    guard.reset();
                },
        });
    };
    co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(base::Result<void>)>(
        std::move(initiate), asio::use_awaitable, std::move(closure));
}

}  // namespace

struct Store::Impl {
    Impl(Folder taken, std::unique_ptr<lmdb::Environment> opened, const Limits& given)
        : folder(std::move(taken)),
          limits(given),
          environment(std::move(opened)),
          tables(prepare(*environment)),
          identity(read_identity(environment->read(), tables)),
          quarantined(find_unreadable(ReadTransaction(environment->read(), tables, limits))),
          thread(*environment, tables, limits, [this] {
              environment->reopen();
              tables = prepare(*environment);
          }) {}

    Folder folder;  // first, so that the lock is given back last
    Limits limits;
    std::unique_ptr<lmdb::Environment> environment;
    Tables tables;
    Identity identity;
    std::vector<QuarantinedRecord> quarantined;
    StorageThread thread;
};

base::Result<std::unique_ptr<Store>> Store::open(const std::filesystem::path& path, const Limits& limits) {
    auto folder = Folder::take(path);
    if (!folder) {
        return std::unexpected(std::move(folder.error()));
    }
    const auto file = folder->path() / data_file;
    auto opened = open_to_write(folder->path(),
                                {.map_bytes = limits.map_bytes, .map_bytes_max = limits.map_bytes_max}, file);
    if (!opened) {
        return std::unexpected(std::move(opened.error()));
    }
    try {
        auto impl = std::make_unique<Impl>(std::move(*folder), std::move(opened->environment), limits);
        return std::unique_ptr<Store>(new Store(std::move(impl)));
    } catch (const lmdb::Failure& failure) {
        return base::fail(explain(failure, file));
    } catch (const std::system_error& error) {
        return base::fail("the store " + file.string() + " cannot be opened: " + error.what());
    }
}

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Store::~Store() = default;

const std::string& Store::id() const {
    return impl_->identity.id;
}

const std::string& Store::key() const {
    return impl_->identity.key;
}

const std::vector<QuarantinedRecord>& Store::quarantined() const {
    return impl_->quarantined;
}

Statistics Store::statistics() const {
    return impl_->thread.statistics();
}

void Store::close() {
    impl_->thread.close();
}

asio::awaitable<base::Result<void>> Store::submit_write(std::function<void(WriteTransaction&)> closure) {
    return run(&impl_->thread, std::move(closure));
}

asio::awaitable<base::Result<void>> Store::submit_read(std::function<void(const ReadTransaction&)> closure) {
    return run(&impl_->thread, std::move(closure));
}

}  // namespace store
