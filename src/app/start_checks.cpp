#include "app/start_checks.hpp"

namespace app {

boost::asio::awaitable<std::expected<Account, StartFailure>> check_account(aws::Sts* sts, aws::Sqs* sqs,
                                                                           std::string queue,
                                                                           base::Duration timeout) {
    const auto options = [timeout] { return aws::CallOptions{.deadline = aws::Deadline::in(timeout)}; };
    const auto identity = co_await sts->get_caller_identity(options());
    if (!identity) {
        co_return std::unexpected(StartFailure{"the credentials cannot be used (sts:GetCallerIdentity): " +
                                               aws::describe(identity.error())});
    }
    Account account{.id = identity->account, .queue_url = queue};
    if (!queue.contains("://")) {
        const auto found = co_await sqs->get_queue_url({.queue_name = queue}, options());
        if (!found) {
            co_return std::unexpected(
                StartFailure{"the queue \"" + queue +
                             "\" cannot be found (sqs:GetQueueUrl): " + aws::describe(found.error())});
        }
        account.queue_url = found->queue_url;
    }
    const auto attributes = co_await sqs->get_queue_attributes({.queue_url = account.queue_url}, options());
    if (!attributes) {
        co_return std::unexpected(
            StartFailure{"the queue " + account.queue_url +
                         " cannot be used (sqs:GetQueueAttributes): " + aws::describe(attributes.error())});
    }
    const auto fifo = attributes->attributes.find("FifoQueue");
    if (account.queue_url.ends_with(".fifo") ||
        (fifo != attributes->attributes.end() && fifo->second == "true")) {
        co_return std::unexpected(
            StartFailure{.reason = "the queue " + account.queue_url +
                                   " is a FIFO queue; EventBridge's events need a standard one",
                         .final = true});
    }
    co_return account;
}

}  // namespace app
