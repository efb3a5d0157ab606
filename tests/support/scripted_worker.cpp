// SPDX-License-Identifier: LGPL-2.1-or-later
// A worker for tests of the engine: a real process that speaks the wire protocol, but makes bytes that follow
// from the segment's key alone, and misbehaves as the job's ticket says. The ticket is a list "name=value;":
//   bytes, chunk    size of the segment and of its chunks      init      sends an init segment first
//   log             file that gets a line per job begun         error     ends with this error code
//   gate, gate_at   waits before that chunk for the file        cpu_ns    what it says the job cost
//   crash_at, hang_at, garbage_at, exit_at   misbehaves before that chunk ...
//   once            ... only if this file could be made, so the next attempt is fine
//   impure          bytes that differ from process to process   deaf      ignores cancellation
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>
#include <thread>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "pipelines/wire.h"
#include "src/base/encoding.h"
#include "src/base/json.h"

namespace {

using namespace butaca;
using pipelines::FrameType;

constexpr int socket_fd = 3;

struct Job {
    std::uint64_t id = 0;
    std::string rendition;
    std::int64_t number = 0;
    bool init_only = false;
    std::map<std::string, std::string> script;

    std::string text(const std::string &name) const
    {
        auto found = script.find(name);
        return found == script.end() ? "" : found->second;
    }
    std::int64_t number_or(const std::string &name, std::int64_t fallback) const
    {
        return to_integer<std::int64_t>(text(name)).value_or(fallback);
    }
};

void send(FrameType type, const std::string &payload)
{
    std::string frame = pipelines::encode_frame(type, payload);
    for (std::size_t sent = 0; sent < frame.size();) {
        ssize_t length = ::write(socket_fd, frame.data() + sent, frame.size() - sent);
        if (length <= 0)
            std::exit(0);
        sent += static_cast<std::size_t>(length);
    }
}

std::string id_text(std::uint64_t id)
{
    std::string text;
    for (int shift = 56; shift >= 0; shift -= 8)
        text += static_cast<char>(id >> shift & 0xff);
    return text;
}

pipelines::FrameReader reader;

// Waits up to `wait_ms` (-1: for ever) for a frame; ends when AppS is gone.
std::optional<pipelines::Frame> receive(int wait_ms)
{
    if (auto frame = reader.next())
        return frame;
    pollfd ready{socket_fd, POLLIN, 0};
    if (::poll(&ready, 1, wait_ms) <= 0)
        return std::nullopt;
    char piece[65536];
    ssize_t length = ::read(socket_fd, piece, sizeof piece);
    if (length <= 0)
        std::exit(0);
    reader.feed({piece, static_cast<std::size_t>(length)});
    return reader.next();
}

Job read_job(const std::string &payload)
{
    auto value = json::Value::parse(payload);
    Job job;
    job.id = static_cast<std::uint64_t>((*value)["id"].integer_or(0));
    job.rendition = (*value)["rendition"].string_or("");
    job.number = (*value)["segment"].integer_or(0);
    job.init_only = (*value)["init_only"].boolean_or(false);
    std::string rest = (*value)["origin"]["ticket"].string_or("");
    while (!rest.empty()) {
        std::string item = rest.substr(0, rest.find(';'));
        rest.erase(0, item.size() + 1);
        std::size_t equals = item.find('=');
        job.script[item.substr(0, equals)] = equals == std::string::npos ? "1" : item.substr(equals + 1);
    }
    return job;
}

void write_log(const Job &job)
{
    if (job.text("log").empty())
        return;
    std::string line = job.rendition + " " + (job.init_only ? "init" : std::to_string(job.number)) + " " +
                       std::to_string(::getpid()) + "\n";
    int fd = ::open(job.text("log").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (::write(fd, line.data(), line.size()) < 0)
        std::abort();
    ::close(fd);
}

bool may_misbehave(const Job &job)
{
    if (job.text("once").empty())
        return true;
    int fd = ::open(job.text("once").c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd >= 0)
        ::close(fd);
    return fd >= 0;
}

void misbehave(const Job &job, std::int64_t chunk)
{
    auto is_now = [&](const char *what) { return job.number_or(what, -1) == chunk; };
    if (!(is_now("crash_at") || is_now("hang_at") || is_now("garbage_at") || is_now("exit_at")) ||
        !may_misbehave(job))
        return;
    if (is_now("crash_at"))
        std::raise(SIGKILL);
    if (is_now("exit_at"))
        std::_Exit(3);
    if (is_now("garbage_at") && ::write(socket_fd, "\xff\xff\xff\xffnonsense", 12) < 0)
        std::abort();
    for (;;)
        ::pause();
}

bool is_cancel(const Job &job, int wait_ms)
{
    auto frame = receive(wait_ms);
    return frame && frame->type == FrameType::cancel && frame->payload == id_text(job.id) &&
           job.text("deaf").empty();
}

// True when it was cancelled meanwhile.
bool wait_at_gate(const Job &job, std::int64_t chunk)
{
    if (job.text("gate").empty() || job.number_or("gate_at", 0) != chunk)
        return is_cancel(job, 0);
    while (::access(job.text("gate").c_str(), F_OK) != 0)
        if (is_cancel(job, 2))
            return true;
    return false;
}

void end(const Job &job, const std::string &code)
{
    json::Writer writer;
    writer.begin_object().member("id", job.id).member("ok", code.empty()).member("code", code);
    writer.member("message", code.empty() ? "" : "it went wrong as told").member("detail", "");
    writer.member("cpu_ns", job.number_or("cpu_ns", 1000000)).end_object();
    send(FrameType::end, writer.take());
}

void work(const Job &job)
{
    write_log(job);
    if (job.init_only || !job.text("init").empty())
        send(FrameType::init, id_text(job.id) + "init of " + job.rendition);
    if (job.init_only)
        return end(job, job.text("error"));
    std::int64_t left = job.number_or("bytes", 1000);
    std::int64_t size = job.number_or("chunk", 65536);
    std::uint64_t state = 14695981039346656037ULL;
    for (char c : job.rendition + "/" + std::to_string(job.number))
        state = (state ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
    if (!job.text("impure").empty())
        state += static_cast<std::uint64_t>(::getpid());
    for (std::int64_t chunk = 0;; ++chunk) {
        misbehave(job, chunk);
        if (wait_at_gate(job, chunk))
            return end(job, "cancelled");
        if (left <= 0)
            break;
        std::string bytes;
        for (std::int64_t i = 0; i < std::min(size, left); ++i) {
            state = state * 6364136223846793005ULL + 1442695040888963407ULL;
            bytes += static_cast<char>(state >> 56);
        }
        left -= size;
        send(FrameType::data, id_text(job.id) + bytes);
    }
    end(job, job.text("error"));
}

} // namespace

int main(int, char **)
{
    if (const char *fails = ::getenv("SCRIPTED_WORKER_DIES"); fails && ::access(fails, F_OK) == 0)
        return 1;
    send(FrameType::hello, R"({"encoders":{"h264":"scripted 1","aac":"scripted 2"}})");
    for (;;)
        if (auto frame = receive(-1); frame && frame->type == FrameType::job)
            work(read_job(frame->payload));
}
