// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/playback/thumbnail_jobs.h"

#include <algorithm>

#include "src/playback/job_parts.h"

namespace butaca::playback {

namespace {

constexpr std::size_t per_sheet = Thumbnails::per_sheet;

class ThumbnailJobs final : public JobSource {
public:
    ThumbnailJobs(std::shared_ptr<const Presentation> presentation, Origins &origins)
        : presentation_(std::move(presentation)), origins_(origins)
    {
    }

    const std::string &rendition() const override { return thumbnails().id; }
    std::int64_t segments() const override { return static_cast<std::int64_t>(thumbnails().sheets()); }
    std::chrono::nanoseconds duration(std::int64_t number) const override
    {
        const auto [first, last] = tiles(number);
        return std::chrono::nanoseconds(thumbnails().times_ns[last] - thumbnails().times_ns[first]);
    }
    std::string cost_class() const override { return "thumbnails"; }

    Result<pipelines::Job> job(std::int64_t number) const override
    {
        if (number < 0 || number >= segments())
            return fail(ErrorCode::not_found, "there is no such sheet");
        auto origin = job_origin(*presentation_->asset, origins_);
        if (!origin)
            return fail(origin.error());
        const auto &track = presentation_->asset->video[thumbnails().track];
        pipelines::Job job;
        job.rendition = rendition();
        job.segment = static_cast<std::uint32_t>(number);
        job.origin = std::move(*origin);
        job.origin.pad = track.source.pad;
        job.origin.caps = track.source.caps;
        job.is_sheet = true;
        auto &sheet = job.sheet;
        sheet.tile_width = thumbnails().tile.width;
        sheet.tile_height = thumbnails().tile.height;
        sheet.columns = Thumbnails::columns;
        sheet.mirrored = thumbnails().mirrored;
        sheet.rotation = thumbnails().rotation;
        sheet.interlaced = track.interlaced;
        sheet.jpeg_quality = Thumbnails::jpeg_quality;
        const auto [first, last] = tiles(number);
        for (std::size_t i = first; i < last; i++)
            sheet.tiles.push_back(tile(thumbnails().frames[i]));
        return job;
    }

    void origin_result(bool delivered) const override
    {
        if (auto route = origins_.route(presentation_->asset->digest))
            origins_.report(route->hosts, delivered);
    }

private:
    const Thumbnails &thumbnails() const { return *presentation_->thumbnails; }

    // The tiles [first, last) of a sheet.
    std::pair<std::size_t, std::size_t> tiles(std::int64_t number) const
    {
        const std::size_t first =
            static_cast<std::size_t>(std::clamp<std::int64_t>(number, 0, segments() - 1)) * per_sheet;
        return {first, std::min(first + per_sheet, thumbnails().frames.size())};
    }

    pipelines::Tile tile(std::uint32_t frame) const
    {
        const auto &packets = presentation_->index->video[thumbnails().track];
        const auto &pts_ns = packets.pts_ns;
        constexpr std::int64_t widest_ns = 1'000'000'000;
        std::int64_t nearest_ns = widest_ns;
        if (frame > 0)
            nearest_ns = std::min(nearest_ns, pts_ns[frame] - pts_ns[frame - 1]);
        if (frame + 1 < pts_ns.size())
            nearest_ns = std::min(nearest_ns, pts_ns[frame + 1] - pts_ns[frame]);
        return {pts_ns[frame], nearest_ns / 2, std::min(keyframe_before(packets, frame), pts_ns[frame])};
    }

    std::shared_ptr<const Presentation> presentation_;
    Origins &origins_;
};

} // namespace

std::shared_ptr<const JobSource> thumbnail_jobs(std::shared_ptr<const Presentation> presentation,
                                                Origins &origins)
{
    return std::make_shared<ThumbnailJobs>(std::move(presentation), origins);
}

} // namespace butaca::playback
