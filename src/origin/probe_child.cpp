// SPDX-License-Identifier: LGPL-2.1-or-later
// On the pipe: a '.' now and then while packets come; then '\n', the sizes of record, index, cover and each
// track's cues in decimal, a line end, and all of them.
#include "src/origin/probe_child.h"

#include <array>
#include <cerrno>
#include <iterator>
#include <optional>

#include <fcntl.h>
#include <gst/gst.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/encoding.h"
#include "src/base/files.h"
#include "src/base/json.h"
#include "src/base/log.h"
#include "src/base/loop.h"
#include "src/base/process.h"
#include "src/media/cover.h"
#include "src/origin/loudness.h"
#include "src/origin/probe.h"
#include "src/origin/subtitles/read.h"
#include "src/origin/subtitles/track.h"

namespace butaca::origin {

namespace {

constexpr int file_number = 3;
constexpr int report_number = 4;
constexpr int lowest_priority = 19;
constexpr int beside_number = 5;
constexpr std::size_t report_limit_bytes = std::size_t{512} << 20;

bool write_all(int fd, std::string_view bytes)
{
    while (!bytes.empty()) {
        ssize_t done = write(fd, bytes.data(), bytes.size());
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return false;
        bytes.remove_prefix(static_cast<std::size_t>(done));
    }
    return true;
}

// The parts of a report by the sizes that it begins with; none when they do not add up.
std::vector<std::string_view> split_report(std::string_view text)
{
    auto end = text.find('\n');
    if (end == std::string_view::npos)
        return {};
    std::string_view sizes = text.substr(0, end);
    text.remove_prefix(end + 1);
    std::vector<std::string_view> parts;
    while (!sizes.empty()) {
        auto blank = std::min(sizes.find(' '), sizes.size());
        auto size = to_integer<std::size_t>(sizes.substr(0, blank));
        if (!size || *size > text.size())
            return {};
        parts.push_back(text.substr(0, *size));
        text.remove_prefix(*size);
        sizes.remove_prefix(std::min(blank + 1, sizes.size()));
    }
    return text.empty() ? parts : std::vector<std::string_view>();
}

// Leaves without the destructors of GStreamer's plugins: a damaged file may have left them hanging.
[[noreturn]] void report(ProbeResult result)
{
    // The digest is the parent's to fill in; the record has to have one to be well-formed.
    result.asset.digest = std::string(64, '0');
    json::Writer writer;
    media::write_json(writer, result.asset);
    std::vector<std::string> parts{writer.take(), result.index.serialize(), std::move(result.cover)};
    std::move(result.subtitles.begin(), result.subtitles.end(), std::back_inserter(parts));
    std::string sizes;
    for (const auto &part : parts)
        sizes += (sizes.empty() ? "" : " ") + std::to_string(part.size());
    bool written = write_all(report_number, "\n" + sizes + "\n");
    for (const auto &part : parts)
        written = written && write_all(report_number, part);
    _exit(written ? 0 : 1);
}

void init_child_log()
{
    log::init("probe", log::level_from(g_getenv("BUTACA_LOG") ? g_getenv("BUTACA_LOG") : "warn"));
}

// What a child said, all of which may be lies.
Result<ProbeReport> read_report(std::string_view text)
{
    auto garbled = [](std::string_view what) {
        return fail(ErrorCode::internal, "the file could not be examined", std::string(what));
    };
    text.remove_prefix(std::min(text.find_first_not_of('.'), text.size()));
    if (text.empty() || text.front() != '\n')
        return garbled("no report");
    text.remove_prefix(1);
    auto parts = split_report(text);
    if (parts.size() < 3)
        return garbled("wrong sizes");
    Result<json::Value> record = json::Value::parse(parts[0], {16U << 20, 32});
    if (!record)
        return garbled(record.error().message);
    ProbeReport report;
    Result<media::Asset> asset = media::asset_from_json(*record);
    if (!asset)
        return garbled(asset.error().message);
    report.asset = std::move(*asset);
    report.index = parts[1];
    Result<media::PacketIndex> index = media::PacketIndex::parse(report.index);
    if (!index)
        return garbled(index.error().message);
    if (index->video.size() != report.asset.video.size() || index->audio.size() != report.asset.audio.size())
        return garbled("the index does not fit the record");
    report.cover = parts[2];
    if (report.cover.empty()
            ? !report.asset.cover.empty()
            : report.asset.cover != sha256_hex(report.cover) || !media::Cover::parse(report.cover))
        return garbled("the cover");
    report.subtitles.assign(parts.begin() + 3, parts.end());
    if (report.subtitles.size() != report.asset.subtitles.size())
        return garbled("the cues do not fit the record");
    for (std::size_t i = 0; i < report.subtitles.size(); i++) {
        const std::string &digest = report.asset.subtitles[i].digest;
        const std::string &cues = report.subtitles[i];
        if (cues.empty() ? !digest.empty() : digest != sha256_hex(cues) || !media::Subtitles::parse(cues))
            return garbled("cues");
    }
    return report;
}

} // namespace

int probe_child_main()
{
    init_child_log();
    gst_init(nullptr, nullptr);
    ProbeSettings settings;
    settings.progress = [] { write_all(report_number, "."); };
    report(probe(file_number, settings));
}

int subtitles_child_main()
{
    init_child_log();
    auto bytes = read_file("/proc/self/fd/" + std::to_string(file_number), subtitle_file_bytes_most);
    // No such descriptor, too large: then there are no pictures.
    auto pictures = read_file("/proc/self/fd/" + std::to_string(beside_number), picture_file_bytes_most);
    auto read = bytes ? read_subtitle_tracks(*bytes, pictures.value_or("")) : fail(bytes.error());
    ProbeResult result;
    auto add = [&](media::SubtitleTrack track, const Result<media::Subtitles> &cues) {
        track.index = static_cast<unsigned>(result.asset.subtitles.size());
        result.subtitles.push_back(describe_cues(cues, track));
        result.asset.subtitles.push_back(std::move(track));
    };
    media::SubtitleTrack track;
    track.format = "unknown";
    if (!read)
        add(track, fail(read.error()));
    for (auto &one : read ? *read : std::vector<ReadSubtitles>()) {
        track.format = one.format;
        track.language = one.language;
        track.name = one.name;
        track.is_default = one.is_default;
        add(track, std::move(one.subtitles));
    }
    report(std::move(result));
}

int loudness_child_main()
{
    init_child_log();
    // Whoever watches a film comes first.
    setpriority(PRIO_PROCESS, 0, lowest_priority);
    gst_init(nullptr, nullptr);
    struct stat status {};
    if (fstat(file_number, &status) != 0)
        return 1;
    auto loudness = measure_loudness(file_number, static_cast<std::uint64_t>(status.st_size),
                                     [] { write_all(report_number, "."); });
    ProbeResult result;
    if (loudness)
        for (const auto &[pad, measured] : loudness->tracks) {
            media::AudioTrack &track = result.asset.audio.emplace_back();
            track.index = static_cast<unsigned>(result.asset.audio.size() - 1);
            track.source.pad = pad;
            track.loudness = measured;
        }
    result.index.audio.resize(result.asset.audio.size());
    report(std::move(result));
}

struct ProbeJob::State {
    std::optional<Child> child;
    Fd pipe;
    FdWatch readable;
    Timer watchdog;
    std::chrono::milliseconds stall_limit{};
    std::string received;
    bool stalled = false;
    bool ended = false;
    ChildExit exit;
    std::function<void(Result<ProbeReport>)> done;

    void read_some();
    void guard();
    void finish();
};

void ProbeJob::State::guard()
{
    watchdog.once(stall_limit, [this] {
        stalled = true;
        child->kill(SIGKILL);
    });
}

void ProbeJob::State::read_some()
{
    std::array<char, 65536> buffer;
    ssize_t got = read(pipe.get(), buffer.data(), buffer.size());
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got > 0) {
        received.append(buffer.data(), static_cast<std::size_t>(got));
        guard();
        if (received.size() > report_limit_bytes)
            child->kill(SIGKILL);
        return;
    }
    readable.stop();
    pipe.reset();
    finish();
}

// Once the child has ended and all that it wrote is here.
void ProbeJob::State::finish()
{
    if (!ended || pipe)
        return;
    watchdog.stop();
    Result<ProbeReport> report =
        stalled ? fail(ErrorCode::timeout, "reading the file took too long")
        : !exit.clean()
            ? fail(ErrorCode::unsupported, "the file is damaged in a way that stopped its examination",
                   "signal " + std::to_string(exit.signal_number) + ", code " + std::to_string(exit.code))
            : read_report(received);
    // The call may destroy this object.
    auto call = std::move(done);
    call(std::move(report));
}

ProbeJob::ProbeJob(std::unique_ptr<State> state) : state_(std::move(state)) {}
ProbeJob::~ProbeJob() = default;

Result<std::unique_ptr<ProbeJob>> ProbeJob::start(const Settings &settings, const char *task,
                                                  const Files &files, std::uint64_t size_bytes,
                                                  std::function<void(Result<ProbeReport>)> done)
{
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0)
        return fail(ErrorCode::unavailable, "too many files are open");
    Fd reading(ends[0]);
    Fd writing(ends[1]);
    fcntl(reading.get(), F_SETFL, O_NONBLOCK);
    ChildOptions options;
    options.argv = {settings.program, task};
    options.fds = {{files.fd, file_number}, {writing.get(), report_number}};
    if (files.beside_fd >= 0)
        options.fds.push_back({files.beside_fd, beside_number});
    options.limits.address_space_bytes = settings.memory_bytes;
    // Demuxing takes well over 50 MB a second; a loop in a demuxer does not end by itself.
    options.limits.cpu_s = 60 + size_bytes / (10U << 20);
    options.limits.open_files = 64;
    // The parent has brought the registry up to date; the child only reads it.
    options.environment = {{"GST_REGISTRY_UPDATE", "no"}, {"GST_REGISTRY_FORK", "no"}};
    Result<Child> child = Child::spawn(options);
    if (!child)
        return fail(std::move(child.error()).at("starting the probe"));
    auto state = std::make_unique<State>();
    State *raw = state.get();
    state->child = std::move(*child);
    state->pipe = std::move(reading);
    state->stall_limit = settings.stall_limit;
    state->done = std::move(done);
    state->readable.start(state->pipe.get(), static_cast<GIOCondition>(G_IO_IN | G_IO_HUP),
                          [raw](GIOCondition) { raw->read_some(); });
    state->child->on_exit([raw](ChildExit exit) {
        raw->exit = exit;
        raw->ended = true;
        raw->finish();
    });
    state->guard();
    return std::unique_ptr<ProbeJob>(new ProbeJob(std::move(state)));
}

} // namespace butaca::origin
