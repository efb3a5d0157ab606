// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/playback/worker_process.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "src/base/json.h"
#include "src/base/log.h"

namespace butaca::playback {

namespace {

constexpr std::uint64_t address_space_bytes = 4ULL << 30;
constexpr std::uint64_t open_files = 256;
constexpr std::chrono::milliseconds cancel_patience{1000};
constexpr unsigned hello_patience = 3; // watchdogs: GStreamer may have to look at all its plugins first
constexpr std::size_t read_bytes = 64U << 10;
constexpr std::size_t id_bytes = 8;
constexpr std::size_t message_most_bytes = 300;

std::uint64_t read_id(std::string_view payload)
{
    std::uint64_t id = 0;
    for (std::size_t i = 0; i < id_bytes; ++i)
        id = id << 8 | static_cast<unsigned char>(payload[i]);
    return id;
}

std::string id_text(std::uint64_t id)
{
    std::string text;
    for (int shift = 56; shift >= 0; shift -= 8)
        text += static_cast<char>(id >> shift & 0xff);
    return text;
}

// The payload behind the job id, without a copy.
std::shared_ptr<GBytes> bytes_after_id(std::string payload)
{
    auto *text = new std::string(std::move(payload));
    return {g_bytes_new_with_free_func(
                text->data() + id_bytes, text->size() - id_bytes,
                [](gpointer owned) { delete static_cast<std::string *>(owned); }, text),
            g_bytes_unref};
}

ErrorCode code_from(std::string_view name)
{
    for (int i = 0; i <= static_cast<int>(ErrorCode::internal); ++i)
        if (name == to_string(static_cast<ErrorCode>(i)))
            return static_cast<ErrorCode>(i);
    return ErrorCode::internal;
}

} // namespace

WorkerProcess::WorkerProcess(Child child, Fd socket, std::chrono::milliseconds watchdog)
    : child_(std::move(child)), socket_(std::move(socket)), watchdog_(watchdog)
{
    child_.on_exit([this](ChildExit how) { ended(how); });
    incoming_watch_.start(socket_.get(), static_cast<GIOCondition>(G_IO_IN | G_IO_HUP),
                          [this](GIOCondition) { readable(); });
    expect_sign_of_life(watchdog_ * hello_patience);
}

Result<std::unique_ptr<WorkerProcess>> WorkerProcess::start(const std::string &path,
                                                            std::chrono::milliseconds watchdog)
{
    int pair[2] = {-1, -1};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return fail(ErrorCode::unavailable, "a worker cannot be started", g_strerror(errno));
    Fd ours(pair[0]);
    Fd theirs(pair[1]);
    // Ours alone: the two ends have flags of their own.
    if (::fcntl(ours.get(), F_SETFL, O_NONBLOCK) != 0)
        return fail(ErrorCode::internal, "a worker cannot be started", g_strerror(errno));
    ChildOptions options;
    options.argv = {path, "--socket", "3"};
    options.fds = {{theirs.get(), 3}};
    options.limits.address_space_bytes = address_space_bytes;
    options.limits.open_files = open_files;
    auto child = Child::spawn(options);
    if (!child)
        return fail(std::move(child).error().at("starting a worker"));
    return std::unique_ptr<WorkerProcess>(new WorkerProcess(std::move(*child), std::move(ours), watchdog));
}

void WorkerProcess::begin(const pipelines::Job &job)
{
    job_ = job.id;
    cancelling_ = false;
    expect_sign_of_life(watchdog_);
    send(pipelines::encode_frame(pipelines::FrameType::job, pipelines::job_to_json(job)));
}

void WorkerProcess::cancel()
{
    if (job_ == 0 || cancelling_)
        return;
    cancelling_ = true;
    expect_sign_of_life(cancel_patience);
    send(pipelines::encode_frame(pipelines::FrameType::cancel, id_text(job_)));
}

void WorkerProcess::close_socket()
{
    incoming_watch_.stop();
    outgoing_watch_.stop();
    life_.stop();
    socket_.reset();
}

void WorkerProcess::send(const std::string &frame)
{
    outgoing_ += frame;
    flush();
}

void WorkerProcess::flush()
{
    while (socket_ && !outgoing_.empty()) {
        ssize_t sent = ::send(socket_.get(), outgoing_.data(), outgoing_.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            outgoing_watch_.start(socket_.get(), G_IO_OUT, [this](GIOCondition) { flush(); });
            return;
        }
        if (sent < 0)
            break; // it is gone; its end is told by on_exit
        outgoing_.erase(0, static_cast<std::size_t>(sent));
    }
    outgoing_.clear();
    outgoing_watch_.stop();
}

void WorkerProcess::readable()
{
    if (read_some() == 0 && !given_up_) {
        // A worker that closes its socket is of no more use, whether it ends or not.
        incoming_watch_.stop();
        child_.kill(SIGKILL);
    }
}

// Reads and handles one piece and returns its length: 0 when there is no more to come, nothing when there is
// none just now.
std::optional<std::size_t> WorkerProcess::read_some()
{
    std::array<char, read_bytes> piece; // NOLINT(cppcoreguidelines-pro-type-member-init): read() fills it
    ssize_t length = ::read(socket_.get(), piece.data(), piece.size());
    if (length < 0 && (errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK))
        return std::nullopt;
    if (length <= 0)
        return 0;
    reader_.feed({piece.data(), static_cast<std::size_t>(length)});
    while (!given_up_) {
        auto frame = reader_.next();
        if (!frame)
            break;
        take(std::move(*frame));
    }
    if (reader_.broken())
        nonsense("a malformed frame");
    return length;
}

void WorkerProcess::take(pipelines::Frame frame)
{
    ++frames_;
    switch (frame.type) {
    case pipelines::FrameType::hello:
        return take_hello(frame.payload);
    case pipelines::FrameType::end:
        return take_end(frame.payload);
    case pipelines::FrameType::alive:
        if (job_ != 0)
            expect_sign_of_life(watchdog_);
        return;
    case pipelines::FrameType::init:
    case pipelines::FrameType::data:
        return take_payload(std::move(frame));
    default:
        return nonsense("a frame that only AppS sends");
    }
}

void WorkerProcess::take_payload(pipelines::Frame frame)
{
    if (frame.payload.size() < id_bytes || job_ == 0 || read_id(frame.payload) != job_)
        return nonsense("bytes of a job that it does not have");
    if (cancelling_ || frame.payload.size() == id_bytes)
        return;
    expect_sign_of_life(watchdog_);
    bool is_init = frame.type == pipelines::FrameType::init;
    auto bytes = bytes_after_id(std::move(frame.payload));
    is_init ? events_.init(std::move(bytes)) : events_.chunk(std::move(bytes));
}

void WorkerProcess::take_end(const std::string &payload)
{
    auto said = json::Value::parse(payload);
    if (!said || job_ == 0 || static_cast<std::uint64_t>((*said)["id"].integer_or(0)) != job_)
        return nonsense("the end of a job that it does not have");
    JobEnd end;
    end.cpu = std::chrono::nanoseconds(std::max<std::int64_t>(0, (*said)["cpu_ns"].integer_or(0)));
    if (!(*said)["ok"].boolean_or(false))
        end.error =
            Error{code_from((*said)["code"].string_or("internal")),
                  (*said)["message"].string_or("this part could not be made").substr(0, message_most_bytes),
                  (*said)["detail"].string_or(""), 0};
    life_.stop();
    job_ = 0;
    cancelling_ = false;
    events_.end(end);
}

void WorkerProcess::take_hello(const std::string &payload)
{
    auto said = json::Value::parse(payload);
    if (!said || !said->is_object() || ready_)
        return nonsense("a hello that is none");
    life_.stop();
    ready_ = true;
    Encoders encoders;
    const json::Value list = (*said)["encoders"];
    for (const std::string &codec : list.keys())
        if (auto version = list[codec].string())
            encoders[codec] = *version;
    events_.hello(encoders);
}

void WorkerProcess::nonsense(std::string_view what)
{
    if (given_up_)
        return;
    given_up_ = true;
    log::error("worker.nonsense", {{"pid", child_.pid()}, {"what", what}});
    incoming_watch_.stop();
    child_.kill(SIGKILL);
}

void WorkerProcess::expect_sign_of_life(std::chrono::milliseconds within)
{
    life_.once(within, [this] { silent(); });
}

void WorkerProcess::silent()
{
    // Its frames may lie in the socket, unread for a busy loop.
    std::uint64_t before = frames_;
    if (socket_ && !given_up_)
        read_some();
    if (given_up_ || (frames_ != before && !cancelling_))
        return;
    hung_ = !cancelling_;
    log::warn("worker.silent", {{"pid", child_.pid()}, {"cancelling", cancelling_}});
    incoming_watch_.stop();
    child_.kill(SIGKILL);
    given_up_ = true;
}

void WorkerProcess::ended(ChildExit how)
{
    life_.stop();
    incoming_watch_.stop();
    // What it sent before its end still counts.
    while (socket_ && !given_up_ && read_some().value_or(0) > 0)
        continue;
    life_.stop();
    close_socket();
    if (!how.clean() || job_ != 0)
        log::warn("worker.died", {{"code", how.code}, {"signal", how.signal_number}, {"at_work", job_ != 0}});
    auto died = std::move(events_.died);
    if (died)
        died(hung_);
}

} // namespace butaca::playback
