// SPDX-License-Identifier: LGPL-2.1-or-later
// Jobs over the socket.
#include "pipelines/server.h"

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <filesystem>
#include <thread>

#include <gst/gst.h>
#include <link.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pipelines/segment_graph.h"
#include "src/base/log.h"

namespace butaca::pipelines {

namespace {

// How long after a job counts as stuck it may take to come to its end by itself.
constexpr std::int64_t grace_ms = 5'000;
// One under way, and one more so that the next begins at once.
constexpr std::size_t jobs_held = 2;
constexpr int watch_ms = 500;
constexpr std::size_t id_bytes = 8;
constexpr json::Limits job_limits{8 << 20, 8};

std::int64_t cpu_now_ns()
{
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec * std::int64_t(1'000'000'000) + now.tv_nsec;
}

std::string id_text(std::uint64_t id)
{
    std::string text;
    for (int shift = 56; shift >= 0; shift -= 8)
        text += static_cast<char>(id >> shift & 0xff);
    return text;
}

std::string encoder_of(const char *factory, const char *codec)
{
    auto element = sink(gst_element_factory_make(factory, nullptr));
    if (!element)
        return {};
    gst_util_set_object_arg(G_OBJECT(element.get()), "codec", codec);
    char *version = nullptr;
    g_object_get(element.get(), "encoder-version", &version, nullptr);
    const auto owned = adopt(version);
    return version ? version : "";
}

// What takes originals apart, with versions: an upgrade may change what is decoded.
std::string media_tools()
{
    std::string text;
    const auto core = adopt(gst_version_string());
    text += core.get();
    for (const char *name :
         {"isomp4", "matroska", "libav", "videoparsersbad", "audioparsers", "audioresample"})
        if (auto plugin = adopt(gst_registry_find_plugin(gst_registry_get(), name)))
            text += std::string(", ") + name + " " + gst_plugin_get_version(plugin.get());
    return text;
}

// What draws subtitles, with the font that it falls back on.
std::string subtitle_renderer()
{
    auto element = sink(gst_element_factory_make("subtitleburn", nullptr));
    if (!element)
        return {};
    char *version = nullptr;
    g_object_get(element.get(), "renderer-version", &version, nullptr);
    const auto owned = adopt(version);
    return version ? version : "";
}

// What makes sheets: the encoder, the library behind it, and what scales (which each of our encoders names).
std::string sheet_tools()
{
    auto element = sink(gst_element_factory_make("jpegenc", nullptr));
    auto plugin = adopt(gst_registry_find_plugin(gst_registry_get(), "jpeg"));
    if (!element || !plugin)
        return {};
    std::string text = std::string("jpegenc ") + gst_plugin_get_version(plugin.get());
    dl_iterate_phdr(
        [](dl_phdr_info *library, std::size_t, void *into) {
            const std::string path = library->dlpi_name ? library->dlpi_name : "";
            if (path.find("/libjpeg.so") == std::string::npos)
                return 0;
            std::error_code error;
            const auto file = std::filesystem::canonical(path, error);
            *static_cast<std::string *>(into) += " (" + file.filename().string() + ")";
            return 1;
        },
        &text);
    return text + ", " + encoder_of("videotranscode", "h264");
}

} // namespace

std::string hello_json()
{
    json::Writer writer;
    writer.begin_object().member("version", BUTACA_VERSION).key("encoders").begin_object();
    for (const char *codec : {"h264", "hevc", "av1", "vp9"})
        if (auto encoder = encoder_of("videotranscode", element_codec(codec).c_str()); !encoder.empty())
            writer.member(codec, encoder);
    writer.member("media", media_tools());
    if (auto renderer = subtitle_renderer(); !renderer.empty())
        writer.member("subtitles", renderer);
    if (auto tools = sheet_tools(); !tools.empty())
        writer.member("jpeg", tools);
    for (const char *codec : {"aac", "opus", "flac", "mp3"})
        if (auto encoder = encoder_of("audiocompress", codec); !encoder.empty())
            writer.member(codec, encoder);
    writer.end_object().end_object();
    return writer.take();
}

void Server::run()
{
    send(FrameType::hello, hello_json());
    std::thread([this] { work(); }).detach();
    for (;;) {
        pollfd watch{fd_, POLLIN, 0};
        poll(&watch, 1, watch_ms);
        if (watch.revents != 0 && !read_socket())
            _exit(reader_.broken() ? 2 : 0);
        // A long way from a distant keyframe brings no bytes for a while: say that it goes on.
        if (activity_.busy() && activity_.idle_ms() < watch_ms)
            send(FrameType::alive, {});
        if (activity_.idle_ms() > stuck_after_ms + grace_ms) {
            log::error("worker.stuck", {{"idle_ms", activity_.idle_ms()}});
            _exit(3);
        }
    }
}

bool Server::read_socket()
{
    char bytes[65536];
    const ssize_t count = recv(fd_, bytes, sizeof bytes, MSG_DONTWAIT);
    if (count < 0)
        return errno == EAGAIN || errno == EINTR;
    if (count == 0)
        return false;
    reader_.feed({bytes, static_cast<std::size_t>(count)});
    while (auto frame = reader_.next())
        handle(*frame);
    return !reader_.broken();
}

void Server::handle(const Frame &frame)
{
    if (frame.type == FrameType::job)
        take_job(frame.payload);
    else if (frame.type == FrameType::cancel)
        cancel(frame.payload);
}

void Server::take_job(std::string_view payload)
{
    auto value = json::Value::parse(payload, job_limits);
    if (!value)
        return send_end(0, fail(std::move(value.error())), 0);
    auto job = job_from_json(*value);
    if (!job)
        return send_end(static_cast<std::uint64_t>((*value)["id"].integer_or(0)),
                        fail(std::move(job.error())), 0);
    const std::uint64_t id = job->id;
    {
        std::lock_guard lock(mutex_);
        if (waiting_.size() + (running_ ? 1 : 0) < jobs_held) {
            waiting_.push_back(std::move(*job));
            changed_.notify_one();
            return;
        }
    }
    send_end(id, fail(ErrorCode::unavailable, "this worker has enough to do"), 0);
}

void Server::cancel(std::string_view payload)
{
    if (payload.size() != id_bytes)
        return;
    std::uint64_t id = 0;
    {
        std::lock_guard lock(mutex_);
        if (running_ && id_text(*running_) == payload)
            activity_.cancel();
        const auto at = std::find_if(waiting_.begin(), waiting_.end(),
                                     [payload](const Job &job) { return id_text(job.id) == payload; });
        if (at == waiting_.end())
            return;
        id = at->id;
        waiting_.erase(at);
    }
    send_end(id, fail(ErrorCode::cancelled, "the job was cancelled"), 0);
}

void Server::work()
{
    for (;;) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return !waiting_.empty(); });
        const Job job = std::move(waiting_.front());
        waiting_.pop_front();
        running_ = job.id;
        activity_.begin();
        lock.unlock();
        do_job(job);
    }
}

void Server::do_job(const Job &job)
{
    const std::int64_t before_ns = cpu_now_ns();
    const SegmentOutput output{
        [this, &job](std::string_view bytes) { send_data(FrameType::init, job.id, bytes); },
        [this, &job](std::string_view bytes) { send_data(FrameType::data, job.id, bytes); }};
    const auto notes = workshop_.make(job, output);
    {
        std::lock_guard lock(mutex_);
        running_.reset();
        activity_.end();
    }
    send_end(job.id, notes, cpu_now_ns() - before_ns);
}

void Server::send(FrameType type, std::string_view payload)
{
    const std::string frame = encode_frame(type, payload);
    std::lock_guard lock(sending_);
    for (std::size_t sent = 0; sent < frame.size();) {
        const ssize_t count =
            ::send(fd_, frame.data() + sent, frame.size() - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (count > 0) {
            sent += static_cast<std::size_t>(count);
            continue;
        }
        if (errno != EAGAIN && errno != EINTR)
            return; // the main thread sees the same and ends the process
        pollfd watch{fd_, POLLOUT, 0};
        poll(&watch, 1, watch_ms);
        // A reader that takes its time is not a job that hangs.
        activity_.moved();
    }
}

void Server::send_data(FrameType type, std::uint64_t id, std::string_view bytes)
{
    send(type, id_text(id) + std::string(bytes));
}

void Server::send_end(std::uint64_t id, const Result<MakingNotes> &notes, std::int64_t cpu_ns)
{
    json::Writer writer;
    writer.begin_object().member("id", id).member("ok", notes.has_value());
    if (notes) {
        writer.member("frames_filled", notes->frames_filled);
    } else {
        const Error &error = notes.error();
        writer.member("code", to_string(error.code)).member("message", error.message);
        writer.member("detail", error.detail).member("retry_after_s", error.retry_after_s);
    }
    writer.member("cpu_ns", cpu_ns).end_object();
    send(FrameType::end, writer.take());
}

} // namespace butaca::pipelines
