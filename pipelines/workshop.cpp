// SPDX-License-Identifier: LGPL-2.1-or-later
// From a job to its maker.
#include "pipelines/workshop.h"

#include "pipelines/audio_graph.h"
#include "pipelines/audio_maker.h"
#include "pipelines/copy_maker.h"
#include "pipelines/elements.h"
#include "pipelines/sheet_maker.h"
#include "pipelines/ticks.h"
#include "pipelines/video_graph.h"
#include "src/base/files.h"

namespace butaca::pipelines {

Result<MakingNotes> Workshop::make(const Job &job, const SegmentOutput &output)
{
    if (job.origin.scheme == "file" && !allow_files_)
        return fail(ErrorCode::forbidden, "this worker reads no files");
    auto notes = job.is_sheet ? sheet(job, output) : job.is_video ? video(job, output) : audio(job, output);
    if (!notes)
        close();
    return notes;
}

void Workshop::close()
{
    stream_.reset();
    shelf_.reset();
    bare_.reset();
    open_line_.clear();
}

bool Workshop::keep_open(const Graph &graph)
{
    std::string line = to_launch_line(graph);
    if (line == open_line_)
        return true;
    close();
    open_line_ = std::move(line);
    return false;
}

Result<WarmStream *> Workshop::stream_for(const Graph &graph, const Origin &origin)
{
    if (keep_open(graph) && stream_) {
        stream_->set_ticket(origin.ticket);
        return stream_.get();
    }
    auto opened = WarmStream::open(graph, activity_);
    if (!opened)
        return fail(std::move(opened.error()));
    stream_ = std::move(*opened);
    return stream_.get();
}

Result<PacketShelf *> Workshop::shelf_for(const Graph &graph, const Origin &origin)
{
    if (keep_open(graph) && shelf_) {
        shelf_->stream().set_ticket(origin.ticket);
        return shelf_.get();
    }
    auto opened = WarmStream::open(graph, activity_);
    if (!opened)
        return fail(std::move(opened.error()));
    shelf_ = std::make_unique<PacketShelf>(std::move(*opened));
    return shelf_.get();
}

Result<BareStream *> Workshop::bare_for(const Graph &graph, const Origin &origin)
{
    if (keep_open(graph) && bare_) {
        bare_->set_ticket(origin.ticket);
        return bare_.get();
    }
    auto opened = BareStream::open(graph, activity_);
    if (!opened)
        return fail(std::move(opened.error()));
    bare_ = std::move(*opened);
    return bare_.get();
}

Result<const media::Subtitles *> Workshop::subtitles_for(const Burn &burn)
{
    constexpr std::size_t limit_bytes = 64U << 20;
    if (burn.path.empty())
        return nullptr;
    if (subtitles_ && subtitles_path_ == burn.path)
        return subtitles_.get();
    auto bytes = read_file(burn.path, limit_bytes);
    if (!bytes)
        return fail(std::move(bytes.error()));
    auto parsed = media::Subtitles::parse(*bytes);
    if (!parsed)
        return fail(std::move(parsed.error()));
    subtitles_ = std::make_unique<const media::Subtitles>(std::move(*parsed));
    subtitles_path_ = burn.path;
    return subtitles_.get();
}

Result<WarmStream *> Workshop::pictures_of(const Origin &origin)
{
    auto elements = stream_elements(origin.caps);
    if (!elements)
        return fail(std::move(elements.error()));
    return stream_for(video_decode_graph(origin, *elements), origin);
}

Result<MakingNotes> Workshop::sheet(const Job &job, const SegmentOutput &output)
{
    auto stream = pictures_of(job.origin);
    if (!stream)
        return fail(std::move(stream.error()));
    return make_sheet(job, **stream, output, activity_);
}

Result<MakingNotes> Workshop::video(const Job &job, const SegmentOutput &output)
{
    if (job.video.copy) {
        auto parser = parser_for(job.origin.caps);
        if (!parser)
            return fail(std::move(parser.error()));
        auto stream = stream_for(video_packet_graph(job.origin, *parser), job.origin);
        if (!stream)
            return fail(std::move(stream.error()));
        return copy_video(job, **stream, output, activity_);
    }
    auto stream = pictures_of(job.origin);
    if (!stream)
        return fail(std::move(stream.error()));
    auto subtitles = subtitles_for(job.video.burn);
    if (!subtitles)
        return fail(std::move(subtitles.error()));
    return make_video(job, **stream, *subtitles, output, activity_);
}

Result<std::vector<TimedSample>> Workshop::packets(const Job &job, std::int64_t from_ns, std::int64_t to_ns)
{
    if (job.audio.byte_offset >= 0) {
        auto bare = bare_for(byte_graph(job.origin), job.origin);
        if (!bare)
            return fail(std::move(bare.error()));
        return (*bare)->collect(job, to_ns);
    }
    auto parser = parser_for(job.origin.caps);
    if (!parser)
        return fail(std::move(parser.error()));
    auto shelf = shelf_for(audio_packet_graph(job.origin, *parser), job.origin);
    if (!shelf)
        return fail(std::move(shelf.error()));
    return (*shelf)->collect(from_ns, to_ns);
}

Result<MakingNotes> Workshop::audio(const Job &job, const SegmentOutput &output)
{
    const AudioJob &audio = job.audio;
    if (audio.copy) {
        const std::int64_t length_ns = ns_from((audio.frame_count + 1) * audio.frame_samples, audio.rate);
        auto found = packets(job, audio.seek_ns - ns_from(audio.frame_samples, audio.rate) / 2,
                             audio.seek_ns + length_ns);
        if (!found)
            return fail(std::move(found.error()));
        return copy_audio(job, *found, output, activity_);
    }
    auto delay = encoder_delay(audio);
    if (!delay)
        return fail(std::move(delay.error()));
    auto plan = plan_audio(audio, job.origin.caps, *delay);
    if (!plan)
        return fail(std::move(plan.error()));
    auto found = packets(job, plan->packets_from_ns, plan->packets_to_ns);
    if (!found)
        return fail(std::move(found.error()));
    return make_audio(job, *plan, *found, output, activity_);
}

} // namespace butaca::pipelines
