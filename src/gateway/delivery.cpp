// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/gateway/delivery.h"

#include <vector>

#include "src/base/gobject.h"
#include "src/http/range.h"

namespace butaca::gateway {

namespace {

using playback::SegmentKey;

std::string entity_tag(const SegmentKey &key)
{
    // A segment is a pure function of its key, so the key is as strong a tag as its hash would be.
    return "\"" + key.rendition + "." + std::to_string(key.number) + "\"";
}

std::string_view content_type(std::int64_t number)
{
    return number == playback::init_segment ? "video/mp4" : "video/iso.segment";
}

void mark_immutable(http::Headers &headers)
{
    headers.set("Cache-Control", "private, max-age=86400, immutable");
}

http::Response whole(const http::Request &request, const SegmentKey &key, std::shared_ptr<GBytes> bytes)
{
    http::Response response =
        http::serve_bytes(request, std::move(bytes), entity_tag(key), content_type(key.number));
    mark_immutable(response.headers);
    return response;
}

// One delivery under way. Kept alive by the callbacks of the segment's waiter and of the connection.
class Delivery : public std::enable_shared_from_this<Delivery> {
public:
    Delivery(SegmentKey key, std::shared_ptr<const http::Request> request, http::Responder responder)
        : key_(std::move(key)), request_(std::move(request)), responder_(std::move(responder)),
          // A part of a segment that does not exist yet is cut from the whole once it does.
          collects_(request_->headers.get("Range").has_value())
    {
    }

    void begin(playback::SegmentService &segments, std::shared_ptr<const playback::JobSource> source,
               const std::string &viewer)
    {
        auto self = shared_from_this();
        responder_.on_gone([self] { self->leave(); });
        waiter_ = segments.get(std::move(source), key_.number, playback::Priority::viewer, viewer,
                               {[self](std::shared_ptr<GBytes> chunk) { self->take(std::move(chunk)); },
                                [self] { self->finish(); },
                                [self](const Error &error) { self->fail_with(error); }});
    }

private:
    void take(std::shared_ptr<GBytes> chunk)
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
        http::Response response;
        response.headers.set("Content-Type", std::string(content_type(key_.number)));
        response.headers.set("ETag", entity_tag(key_));
        mark_immutable(response.headers);
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
        finished_ = true;
        if (stream_)
            stream_->finish();
        else if (!answered_)
            responder_.respond(whole(*request_, key_, join()));
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

    SegmentKey key_;
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

void deliver_segment(playback::SegmentService &segments, std::shared_ptr<const playback::JobSource> source,
                     std::int64_t number, const std::string &viewer,
                     std::shared_ptr<const http::Request> request, http::Responder responder)
{
    SegmentKey key{source->rendition(), number};
    if (auto bytes = segments.cached(key)) {
        // The service sees hits too: they are how it knows where a viewer is.
        segments.follow(source, number, viewer);
        return responder.respond(whole(*request, key, std::move(bytes)));
    }
    // What the client has already is right for ever: no need to make it in order to say so.
    if (auto tag = request->headers.get("If-None-Match"); tag && *tag == entity_tag(key)) {
        http::Response response = http::Response::empty(304);
        response.headers.set("ETag", entity_tag(key));
        return responder.respond(std::move(response));
    }
    if (request->method == "HEAD") {
        http::Response response;
        // As GET would answer it: of a length that nobody knows yet.
        response.stream = [](const std::shared_ptr<http::BodyStream> &) {};
        response.headers.set("Content-Type", std::string(content_type(number)));
        response.headers.set("ETag", entity_tag(key));
        return responder.respond(std::move(response));
    }
    std::make_shared<Delivery>(std::move(key), std::move(request), std::move(responder))
        ->begin(segments, std::move(source), viewer);
}

} // namespace butaca::gateway
