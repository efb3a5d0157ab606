// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/playback/rtsp/track_feed.h"

#include <algorithm>

#include "src/playback/rtsp/stream_caps.h"

namespace butaca::playback::rtsp {

namespace {

// When less than this waits to be sent, the next segment is fetched: time enough to read it from disk, and
// for what look-ahead has begun to be finished.
constexpr std::uint64_t ahead_ns = 2'000'000'000;
constexpr unsigned ahead_percent = 75;
// Seeks come as seconds in floating point.
constexpr std::int64_t seek_noise_ns = 2'000;
constexpr unsigned tries_most = 4;

ts::ByteView view(const std::shared_ptr<GBytes> &bytes)
{
    gsize size_bytes = 0;
    const void *data = g_bytes_get_data(bytes.get(), &size_bytes);
    return {static_cast<const std::uint8_t *>(data), size_bytes};
}

// The sample's bytes as a buffer: a part of the chunk, which all sessions share, unless the sample came in
// pieces.
Owned<GstBuffer> wrap(ts::ByteView sample, const std::shared_ptr<GBytes> &chunk)
{
    const ts::ByteView whole = view(chunk);
    const bool inside =
        sample.data() >= whole.data() && sample.data() + sample.size() <= whole.data() + whole.size();
    if (!inside)
        return adopt(gst_buffer_new_memdup(sample.data(), sample.size()));
    auto *keep = new std::shared_ptr<GBytes>(chunk);
    return adopt(gst_buffer_new_wrapped_full(
        GST_MEMORY_FLAG_READONLY, const_cast<std::uint8_t *>(sample.data()), sample.size(), 0, sample.size(),
        keep, [](gpointer kept) { delete static_cast<std::shared_ptr<GBytes> *>(kept); }));
}

GstClockTime time_of(std::int64_t ticks, std::uint32_t timescale)
{
    return static_cast<GstClockTime>(std::max<std::int64_t>(0, media::ns_from_ticks(ticks, timescale)));
}

} // namespace

TrackFeed::TrackFeed(std::shared_ptr<Backend> backend, Track track, std::string viewer, Failed failed)
    : backend_(std::move(backend)), track_(std::move(track)), viewer_(std::move(viewer)),
      failed_(std::move(failed)), source_(sink(GST_APP_SRC(gst_element_factory_make("appsrc", nullptr))))
{
}

TrackFeed::~TrackFeed()
{
    backend_->forget(this);
    // What waits at the segment service belongs to the main loop.
    if (fetch_)
        post([fetch = std::move(fetch_)] {});
}

std::shared_ptr<TrackFeed> TrackFeed::make(std::shared_ptr<Backend> backend, Track track, std::string viewer,
                                           std::int64_t duration_ns, Failed failed)
{
    std::shared_ptr<TrackFeed> feed(
        new TrackFeed(std::move(backend), std::move(track), std::move(viewer), std::move(failed)));
    if (feed->source_)
        feed->connect(duration_ns);
    return feed;
}

void TrackFeed::connect(std::int64_t duration_ns)
{
    g_object_set(source_.get(), "format", GST_FORMAT_TIME, "stream-type", GST_APP_STREAM_TYPE_SEEKABLE,
                 "max-time", ahead_ns, "max-bytes", guint64{0}, "min-percent", ahead_percent, "duration",
                 static_cast<guint64>(duration_ns), nullptr);
    GstAppSrcCallbacks callbacks{};
    callbacks.need_data = [](GstAppSrc *, guint, gpointer data) {
        if (auto self = static_cast<std::weak_ptr<TrackFeed> *>(data)->lock())
            self->wanted();
    };
    callbacks.seek_data = [](GstAppSrc *, guint64 offset, gpointer data) -> gboolean {
        auto self = static_cast<std::weak_ptr<TrackFeed> *>(data)->lock();
        return self && self->seek(static_cast<std::int64_t>(offset));
    };
    gst_app_src_set_callbacks(source_.get(), &callbacks, new std::weak_ptr<TrackFeed>(weak_from_this()),
                              [](gpointer data) { delete static_cast<std::weak_ptr<TrackFeed> *>(data); });
    // A client that waits for the first segment must not keep AppS from stopping.
    backend_->on_detach(this, [source = source_.get()] {
        GST_ELEMENT_ERROR(source, RESOURCE, READ, ("The server is stopping"), (nullptr));
    });
}

void TrackFeed::end_at(std::int64_t end_ns)
{
    std::lock_guard lock(mutex_);
    end_ns_ = end_ns;
}

bool TrackFeed::is_over() const
{
    return next_ >= track_.segments() || track_.borders_ns[static_cast<std::size_t>(next_)] >= end_ns_;
}

void TrackFeed::wanted()
{
    std::uint64_t generation = 0;
    {
        std::lock_guard lock(mutex_);
        if (std::exchange(asked_, true))
            return;
        generation = generation_;
    }
    post([self = shared_from_this(), generation] { self->fetch(generation); });
}

bool TrackFeed::seek(std::int64_t time_ns)
{
    std::lock_guard lock(mutex_);
    generation_++;
    asked_ = false;
    begin_ns_ = time_ns;
    next_ = track_.segment_at(time_ns + seek_noise_ns);
    return true;
}

void TrackFeed::fetch(std::uint64_t generation)
{
    auto fetch = std::make_shared<Fetch>();
    {
        std::lock_guard lock(mutex_);
        if (generation != generation_ || !backend_->segments())
            return;
        fetch->generation = generation;
        fetch->segment = is_over() ? track_.segments() : next_++;
    }
    // A later generation may have replaced it, whose answers are of no use any more.
    fetch_ = fetch;
    if (fetch->segment == track_.segments())
        return finish(generation);
    ask(format_ ? fetch->segment : init_segment);
}

void TrackFeed::ask(std::int64_t number)
{
    auto *segments = backend_->segments();
    if (!segments)
        return;
    std::weak_ptr<TrackFeed> weak = weak_from_this();
    const std::uint64_t generation = fetch_->generation;
    auto with = [weak, generation](auto go_on) {
        auto self = weak.lock();
        if (self && self->fetch_ && self->fetch_->generation == generation)
            go_on(*self);
    };
    if (format_)
        fetch_->reader.emplace(*format_);
    fetch_->come = 0;
    fetch_->init.clear();
    fetch_->waiter = segments->get(
        track_.jobs, number, Priority::viewer, viewer_,
        {[with](const std::shared_ptr<GBytes> &chunk) {
             with([&](TrackFeed &self) { self.take_chunk(chunk); });
         },
         [with] { with([](TrackFeed &self) { self.take_end(); }); },
         [with](const Error &error) { with([&](TrackFeed &self) { self.take_failure(error); }); }});
}

void TrackFeed::take_chunk(const std::shared_ptr<GBytes> &chunk)
{
    const ts::ByteView bytes = view(chunk);
    if (!fetch_->reader) {
        fetch_->init.append(reinterpret_cast<const char *>(bytes.data()), bytes.size());
        return;
    }
    auto fed = fetch_->reader->feed(bytes, [&](const ts::Sample &sample) { return push(sample, chunk); });
    if (!fed)
        give_up(fetch_->generation, fed.error());
}

void TrackFeed::take_end()
{
    if (!fetch_->reader)
        return take_init();
    const std::uint64_t generation = fetch_->generation;
    auto whole = fetch_->reader->finish();
    fetch_.reset();
    if (!whole)
        return give_up(generation, whole.error());
    {
        std::lock_guard lock(mutex_);
        if (generation != generation_)
            return;
        asked_ = false;
        const bool enough =
            gst_app_src_get_current_level_time(source_.get()) * 100 > ahead_ns * ahead_percent;
        if (!is_over() && enough)
            return; // appsrc asks again
        asked_ = true;
    }
    fetch(generation);
}

void TrackFeed::take_init()
{
    const auto *data = reinterpret_cast<const std::uint8_t *>(fetch_->init.data());
    auto format = ts::read_init({data, fetch_->init.size()});
    if (!format)
        return give_up(fetch_->generation, format.error());
    format_ = std::move(*format);
    auto caps = stream_caps(*format_);
    gst_app_src_set_caps(source_.get(), caps.get());
    fetch_->tries = 0;
    ask(fetch_->segment);
}

Status TrackFeed::push(const ts::Sample &sample, const std::shared_ptr<GBytes> &chunk)
{
    // A second try brings the same samples again, for segments are pure.
    if (fetch_->come++ < fetch_->handed_on)
        return {};
    fetch_->handed_on = fetch_->come;
    auto buffer = wrap(sample.bytes, chunk);
    GST_BUFFER_PTS(buffer.get()) = time_of(sample.show_time, format_->timescale);
    GST_BUFFER_DTS(buffer.get()) = time_of(sample.decode_time, format_->timescale);
    if (!sample.sync)
        GST_BUFFER_FLAG_SET(buffer.get(), GST_BUFFER_FLAG_DELTA_UNIT);
    std::lock_guard lock(mutex_);
    const auto shown_ns = static_cast<std::int64_t>(GST_BUFFER_PTS(buffer.get()));
    // A segment of sound may begin up to a frame before the picture's border.
    if (fetch_->generation == generation_ && shown_ns >= begin_ns_ && shown_ns < end_ns_)
        gst_app_src_push_buffer(source_.get(), buffer.release());
    return {};
}

void TrackFeed::finish(std::uint64_t generation)
{
    std::lock_guard lock(mutex_);
    if (generation == generation_)
        gst_app_src_end_of_stream(source_.get());
}

void TrackFeed::take_failure(const Error &error)
{
    const std::uint64_t generation = fetch_->generation;
    // What is busy or away may come back.
    const bool may_help = error.code == ErrorCode::unavailable || error.code == ErrorCode::timeout;
    if (!may_help || ++fetch_->tries == tries_most)
        return give_up(generation, error);
    const auto pause = std::chrono::seconds(std::clamp(error.retry_after_s, 1U, 4U));
    fetch_->again.once(pause, [weak = weak_from_this(), fetch = std::weak_ptr<Fetch>(fetch_)] {
        auto self = weak.lock();
        if (self && self->fetch_ == fetch.lock())
            self->ask(self->format_ ? self->fetch_->segment : init_segment);
    });
}

void TrackFeed::give_up(std::uint64_t generation, const Error &error)
{
    {
        std::lock_guard lock(mutex_);
        if (generation != generation_)
            return;
        GST_ELEMENT_ERROR(source_.get(), RESOURCE, READ, ("%s", error.message.c_str()), (nullptr));
    }
    failed_(error);
}

} // namespace butaca::playback::rtsp
