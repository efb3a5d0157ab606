// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/origin/measuring.h"

#include <utility>

#include "src/base/log.h"
#include "src/media/loudness.h"
#include "src/origin/digest.h"

namespace butaca::origin {

void Measuring::get(const std::string &digest, const std::map<std::string, Stamp> &files, Done done)
{
    auto &waiting = waiting_[digest];
    if (waiting.size() >= waiting_most)
        return done(fail(ErrorCode::unavailable, "too many are waiting for this measurement"));
    waiting.push_back(std::move(done));
    if (waiting.size() == 1)
        load(digest, files);
}

void Measuring::load(const std::string &digest, const std::map<std::string, Stamp> &files)
{
    auto read = [&store = store_, digest] { return store.load_loudness(digest); };
    auto loaded = [this, digest, files](const Result<std::string> &text) {
        if (text)
            return finish(digest, text);
        queue_.push_back({digest, files});
        next();
    };
    if (Status started = disk_.call<Result<std::string>>(read, loaded); !started)
        finish(digest, fail(started.error()));
}

void Measuring::next()
{
    if (busy_ || queue_.empty())
        return;
    busy_ = true;
    Task task = std::move(queue_.front());
    queue_.pop_front();
    struct Opened {
        std::shared_ptr<Fd> fd;
        std::uint64_t size_bytes = 0;
    };
    auto open = [files = task.files]() -> Result<Opened> {
        for (const auto &[path, stamp] : files)
            if (Result<int> fd = open_unchanged(path, stamp); fd)
                return Opened{std::make_shared<Fd>(*fd), stamp.size_bytes};
        return fail(ErrorCode::conflict, "the file is no longer what it was");
    };
    auto opened = [this, digest = task.digest](const Result<Opened> &file) {
        if (!file)
            return measured(digest, fail(file.error()));
        auto job = ProbeJob::start(
            settings_, "--loudness", {file->fd->get()}, file->size_bytes,
            [this, digest](Result<ProbeReport> report) { measured(digest, std::move(report)); });
        if (!job)
            return measured(digest, fail(job.error()));
        job_ = std::move(*job);
    };
    if (Status started = disk_.call<Result<Opened>>(open, opened); !started)
        measured(task.digest, fail(started.error()));
}

void Measuring::measured(const std::string &digest, Result<ProbeReport> report)
{
    media::LoudnessReport loudness;
    if (report) {
        for (const auto &track : report->asset.audio)
            if (track.loudness)
                loudness.tracks[track.source.pad] = *track.loudness;
    } else {
        log::warn("origin.loudness.failed",
                  {{"digest", digest}, {"why", report.error().message}, {"detail", report.error().detail}});
    }
    const bool lasts = report || report.error().code == ErrorCode::unsupported;
    std::string text = loudness.serialize();
    auto save = [&store = store_, digest, text] { return store.save_loudness(digest, text); };
    if (lasts && !disk_.call<Status>(save, [](const Status &) {}))
        log::warn("origin.store.busy");
    finish(digest, lasts ? Result<std::string>(std::move(text)) : fail(report.error()));
    // Not at once: this may run inside a call of the job itself.
    end_timer_.once(std::chrono::milliseconds(0), [this] {
        job_.reset();
        busy_ = false;
        next();
    });
}

void Measuring::finish(const std::string &digest, const Result<std::string> &text)
{
    auto node = waiting_.extract(digest);
    if (!node)
        return;
    for (auto &done : node.mapped())
        done(text);
}

} // namespace butaca::origin
