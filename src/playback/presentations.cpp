// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/playback/presentations.h"

#include <utility>

#include "src/playback/rendition_jobs.h"
#include "src/playback/subtitle_plan.h"
#include "src/playback/thumbnail_jobs.h"

namespace butaca::playback {

namespace {

using SubtitlesPtr = std::shared_ptr<const media::Subtitles>;

// A long film's index and grids are a few megabytes: this many titles are remembered at a time.
constexpr std::size_t kept_most = 64;
// Who asks while AppS starts waits for the first worker's word and the list of titles; both take well under a
// second.
constexpr std::chrono::milliseconds start_patience{5000};
constexpr std::size_t waiting_most = 1024;

Error still_starting()
{
    return {ErrorCode::unavailable, "the server is still starting", "no worker or no list of titles yet", 1};
}

} // namespace

std::shared_ptr<const JobSource> Playable::jobs(std::string_view rendition) const
{
    for (const auto &source : video)
        if (source->rendition() == rendition)
            return source;
    for (const auto &source : audio)
        if (source->rendition() == rendition)
            return source;
    return keyframes && keyframes->rendition() == rendition ? keyframes : nullptr;
}

void Presentations::get(const std::string &digest, const Wishes &wishes, Got done)
{
    std::string key = digest + "~" + to_text(wishes);
    if (auto playable = find(key))
        return done(playable);
    if (!ready())
        return wait(digest, wishes, std::move(done));
    auto asset = origins_.find(digest);
    if (!asset && !origins_.complete())
        return done(fail(Error{
            ErrorCode::unavailable, "the servers of films and music have not all answered yet", {}, 1}));
    if (!asset)
        return done(fail(ErrorCode::not_found, "this title is not offered any more"));
    origins_.index(
        digest, [this, key, asset, wishes, done](Result<std::shared_ptr<const media::PacketIndex>> index) {
            if (!index)
                return done(fail(index.error()));
            with_loudness(asset, wishes, [this, key, index = *index, wishes, done](Result<AssetPtr> told) {
                told ? plan_and_keep(key, *told, index, wishes, done) : done(fail(told.error()));
            });
        });
}

// The asset with how loud its sound is, where that is of use.
void Presentations::with_loudness(const AssetPtr &asset, const Wishes &wishes,
                                  std::function<void(Result<AssetPtr>)> go_on)
{
    if (!wishes.normalize)
        return go_on(asset);
    origins_.loudness(asset->digest, [asset, go_on = std::move(go_on)](
                                         const Result<std::shared_ptr<const media::LoudnessReport>> &report) {
        if (!report)
            return go_on(fail(report.error()));
        auto told = std::make_shared<media::Asset>(*asset);
        for (auto &track : told->audio)
            if (auto found = (*report)->tracks.find(track.source.pad); found != (*report)->tracks.end())
                track.loudness = found->second;
        go_on(AssetPtr(told));
    });
}

void Presentations::plan_and_keep(const std::string &key, const AssetPtr &asset, const IndexPtr &index,
                                  const Wishes &wishes, const Got &done)
{
    auto subtitles = chosen_subtitles(*asset, wishes);
    if (!subtitles)
        return done(fail(subtitles.error()));
    auto planned = plan(asset, index, wishes, encoders_);
    if (!planned)
        return done(fail(planned.error()));
    if (!*subtitles || !wishes.subtitles->burn) {
        offer_subtitles(*planned, *subtitles);
        return done(keep(key, std::move(*planned)));
    }
    auto presentation = std::make_shared<Presentation>(std::move(*planned));
    // Which segments have cues is part of the plan.
    origins_.subtitles(
        asset->digest, asset->subtitles[**subtitles],
        [this, key, presentation, track = **subtitles, done](Result<SubtitlesPtr> cues) {
            if (!cues)
                return done(fail(cues.error()));
            auto renderer = encoders_.find("subtitles");
            if (renderer == encoders_.end())
                return done(fail(ErrorCode::unsupported, "nothing that draws subtitles is installed here"));
            burn_subtitles(*presentation, track, **cues, renderer->second);
            done(keep(key, std::move(*presentation)));
        });
}

void Presentations::wait(const std::string &digest, const Wishes &wishes, Got done)
{
    if (waiting_.size() >= waiting_most)
        return done(fail(still_starting()));
    waiting_.push_back({digest, wishes, std::move(done)});
    if (waiting_.size() == 1)
        patience_.once(start_patience, [this] { answer_waiting(); });
}

void Presentations::answer_waiting()
{
    patience_.stop();
    for (auto &request : std::exchange(waiting_, {}))
        ready() ? get(request.digest, request.wishes, std::move(request.done))
                : request.done(fail(still_starting()));
}

void Presentations::set_encoders(Encoders encoders)
{
    encoders_ = std::move(encoders);
    if (ready())
        answer_waiting();
}

void Presentations::titles_are_known()
{
    titles_known_ = true;
    if (ready())
        answer_waiting();
}

std::shared_ptr<const Playable> Presentations::find(const std::string &key)
{
    auto at = by_key_.find(key);
    if (at == by_key_.end())
        return nullptr;
    kept_.splice(kept_.begin(), kept_, at->second);
    return at->second->second;
}

std::shared_ptr<const Playable> Presentations::keep(const std::string &key, Presentation presentation)
{
    // Another request may have planned the same in the meantime.
    if (auto playable = find(key))
        return playable;
    auto playable = std::make_shared<Playable>();
    playable->presentation = std::make_shared<const Presentation>(std::move(presentation));
    for (std::size_t i = 0; i < playable->presentation->video.size(); i++)
        playable->video.push_back(video_jobs(playable->presentation, i, origins_));
    for (std::size_t i = 0; i < playable->presentation->audio.size(); i++)
        playable->audio.push_back(audio_jobs(playable->presentation, i, origins_));
    if (playable->presentation->keyframes)
        playable->keyframes = keyframe_jobs(playable->presentation, origins_);
    if (playable->presentation->thumbnails)
        playable->thumbnails = thumbnail_jobs(playable->presentation, origins_);
    kept_.emplace_front(key, playable);
    by_key_[key] = kept_.begin();
    if (kept_.size() > kept_most) {
        by_key_.erase(kept_.back().first);
        kept_.pop_back();
    }
    return playable;
}

} // namespace butaca::playback
