// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/gateway/delivery.h"

#include <vector>

#include "src/base/gobject.h"
#include "src/http/range.h"
#include "src/playback/hls.h"
#include "src/playback/ts/packager.h"

namespace butaca::gateway {

namespace {

using playback::Container;
using playback::SegmentKey;
namespace ts = playback::ts;

// What the client asked for: one representation of one segment.
struct Wanted {
    SegmentKey key;
    SegmentKey init;
    Container container = Container::mp4;

    bool packed() const { return container == Container::transport_stream; }
    // A segment is a pure function of its key, so the key is as strong a tag as its hash would be.
    std::string entity_tag() const
    {
        return "\"" + key.rendition + "." + std::to_string(key.number) + (packed() ? ".ts" : "") + "\"";
    }
    std::string content_type() const
    {
        if (packed())
            return "video/mp2t";
        return key.number == playback::init_segment ? "video/mp4" : "video/iso.segment";
    }
};

ts::ByteView view(const std::shared_ptr<GBytes> &bytes)
{
    gsize size_bytes = 0;
    auto data = static_cast<const std::uint8_t *>(g_bytes_get_data(bytes.get(), &size_bytes));
    return {data, size_bytes};
}

// A whole segment as a transport stream.
Result<std::shared_ptr<GBytes>> packed(const std::shared_ptr<GBytes> &init,
                                       const std::shared_ptr<GBytes> &segment, std::int64_t number)
{
    auto packager = ts::Packager::make(view(init), number);
    if (!packager)
        return fail(packager.error());
    auto begin = packager->feed(view(segment));
    if (!begin)
        return fail(begin.error());
    auto end = packager->finish();
    if (!end)
        return fail(end.error());
    return http::share_bytes(*begin + *end);
}

void mark_immutable(http::Headers &headers)
{
    headers.set("Cache-Control", "private, max-age=86400, immutable");
}

http::Response whole(const http::Request &request, const Wanted &wanted, std::shared_ptr<GBytes> bytes)
{
    http::Response response =
        http::serve_bytes(request, std::move(bytes), wanted.entity_tag(), wanted.content_type());
    mark_immutable(response.headers);
    return response;
}

// The head of an answer whose length nobody knows yet.
http::Response growing(const Wanted &wanted)
{
    http::Response response;
    response.headers.set("Content-Type", wanted.content_type());
    response.headers.set("ETag", wanted.entity_tag());
    mark_immutable(response.headers);
    return response;
}

// One delivery under way. Kept alive by the callbacks of the segment's waiter and of the connection.
class Delivery : public std::enable_shared_from_this<Delivery> {
public:
    Delivery(Wanted wanted, PackedSizes &sizes, std::shared_ptr<const http::Request> request,
             http::Responder responder)
        : wanted_(std::move(wanted)), sizes_(sizes), request_(std::move(request)),
          responder_(std::move(responder)),
          // A part of a segment that does not exist yet is cut from the whole once it does.
          collects_(request_->headers.get("Range").has_value())
    {
    }

    void begin(playback::SegmentService &segments, const std::shared_ptr<const playback::JobSource> &source,
               const std::string &viewer)
    {
        responder_.on_gone([self = shared_from_this()] { self->leave(); });
        if (!wanted_.packed())
            return begin_segment(segments, source, viewer);
        if (auto init = segments.cached(wanted_.init))
            return begin_packing(segments, source, viewer, init);
        // It comes in one chunk. Nobody watches it: the segment after it says where the viewer is.
        auto self = shared_from_this();
        auto init = std::make_shared<std::shared_ptr<GBytes>>();
        waiter_ = segments.get(source, playback::init_segment, playback::Priority::viewer, "",
                               {[init](std::shared_ptr<GBytes> chunk) { *init = std::move(chunk); },
                                [self, &segments, source, viewer, init] {
                                    self->begin_packing(segments, source, viewer, *init);
                                },
                                [self](const Error &error) { self->fail_with(error); }});
    }

private:
    void begin_packing(playback::SegmentService &segments,
                       const std::shared_ptr<const playback::JobSource> &source, const std::string &viewer,
                       const std::shared_ptr<GBytes> &init)
    {
        auto packager = ts::Packager::make(view(init), wanted_.key.number);
        if (!packager)
            return fail_with(packager.error());
        packager_ = std::move(*packager);
        begin_segment(segments, source, viewer);
    }

    void begin_segment(playback::SegmentService &segments,
                       const std::shared_ptr<const playback::JobSource> &source, const std::string &viewer)
    {
        auto self = shared_from_this();
        waiter_ = segments.get(source, wanted_.key.number, playback::Priority::viewer, viewer,
                               {[self](std::shared_ptr<GBytes> chunk) { self->take(std::move(chunk)); },
                                [self] { self->finish(); },
                                [self](const Error &error) { self->fail_with(error); }});
    }

    void take(std::shared_ptr<GBytes> chunk)
    {
        if (!packager_)
            return send(std::move(chunk));
        auto packets = packager_->feed(view(chunk));
        if (!packets)
            return fail_with(packets.error());
        send_packed(std::move(*packets));
    }

    void send_packed(std::string packets)
    {
        packed_bytes_ += packets.size();
        if (!packets.empty())
            send(http::share_bytes(std::move(packets)));
    }

    void send(std::shared_ptr<GBytes> chunk)
    {
        if (stream_)
            return stream_->write(adopt(g_bytes_ref(chunk.get())));
        chunks_.push_back(std::move(chunk));
        if (!collects_ && !answered_)
            start_streaming();
    }

    void start_streaming()
    {
        answered_ = true;
        http::Response response = growing(wanted_);
        response.stream = [self = shared_from_this()](std::shared_ptr<http::BodyStream> stream) {
            self->connect(std::move(stream));
        };
        responder_.respond(std::move(response));
    }

    void connect(std::shared_ptr<http::BodyStream> stream)
    {
        stream_ = std::move(stream);
        stream_->on_gone([self = shared_from_this()] { self->leave(); });
        for (auto &chunk : chunks_)
            stream_->write(adopt(g_bytes_ref(chunk.get())));
        chunks_.clear();
        if (aborted_)
            stream_->abort();
        else if (finished_)
            stream_->finish();
        if (aborted_ || finished_)
            leave();
    }

    void finish()
    {
        if (packager_) {
            auto rest = packager_->finish();
            if (!rest)
                return fail_with(rest.error());
            send_packed(std::move(*rest));
            sizes_.note(wanted_.key, packed_bytes_);
        }
        finished_ = true;
        if (stream_)
            stream_->finish();
        else if (!answered_)
            responder_.respond(whole(*request_, wanted_, join()));
        leave();
    }

    void fail_with(const Error &error)
    {
        aborted_ = true;
        if (stream_)
            stream_->abort();
        else if (!answered_)
            responder_.respond(error);
        leave();
    }

    std::shared_ptr<GBytes> join() const
    {
        if (chunks_.size() == 1)
            return chunks_.front();
        std::string all;
        for (const auto &chunk : chunks_) {
            gsize size_bytes = 0;
            const auto *data = static_cast<const char *>(g_bytes_get_data(chunk.get(), &size_bytes));
            all.append(data, size_bytes);
        }
        return http::share_bytes(std::move(all));
    }

    // Nobody waits through this any more. What holds this object lets go of it when its own callback is over.
    void leave()
    {
        answered_ = true;
        waiter_.reset();
        stream_.reset();
    }

    Wanted wanted_;
    PackedSizes &sizes_;
    std::optional<ts::Packager> packager_;
    std::uint64_t packed_bytes_ = 0; // by the packager so far
    std::shared_ptr<const http::Request> request_;
    http::Responder responder_;
    std::unique_ptr<playback::SegmentService::Waiter> waiter_;
    std::shared_ptr<http::BodyStream> stream_;
    std::vector<std::shared_ptr<GBytes>> chunks_; // until the head is written, or all of them
    bool collects_;
    bool answered_ = false;
    bool finished_ = false;
    bool aborted_ = false;
};

} // namespace

void deliver_segment(playback::SegmentService &segments, PackedSizes &sizes,
                     const std::shared_ptr<const playback::JobSource> &source, SegmentName name,
                     const std::string &viewer, std::shared_ptr<const http::Request> request,
                     http::Responder responder)
{
    Wanted wanted{source->key(name.number), source->key(playback::init_segment), name.container};
    auto init = wanted.packed() ? segments.cached(wanted.init) : nullptr;
    if (auto bytes = init || !wanted.packed() ? segments.cached(wanted.key) : nullptr) {
        // The service sees hits too: they are how it knows where a viewer is.
        segments.follow(source, name.number, viewer);
        auto sent = wanted.packed() ? packed(init, bytes, name.number) : bytes;
        if (wanted.packed() && sent)
            sizes.note(wanted.key, g_bytes_get_size(sent->get()));
        return sent ? responder.respond(whole(*request, wanted, std::move(*sent)))
                    : responder.respond(sent.error());
    }
    // What the client has already is right for ever: no need to make it in order to say so.
    if (auto tag = request->headers.get("If-None-Match"); tag && *tag == wanted.entity_tag()) {
        http::Response response = http::Response::empty(304);
        response.headers.set("ETag", wanted.entity_tag());
        return responder.respond(std::move(response));
    }
    if (request->method == "HEAD") {
        http::Response response = growing(wanted);
        response.stream = [](const std::shared_ptr<http::BodyStream> &) {};
        return responder.respond(std::move(response));
    }
    std::make_shared<Delivery>(std::move(wanted), sizes, std::move(request), std::move(responder))
        ->begin(segments, source, viewer);
}

} // namespace butaca::gateway
