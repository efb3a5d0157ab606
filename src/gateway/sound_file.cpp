// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/gateway/sound_file.h"

#include <algorithm>
#include <limits>

#include "src/base/encoding.h"
#include "src/base/log.h"
#include "src/gateway/gathering.h"
#include "src/gateway/playback_ticket.h"
#include "src/http/range.h"
#include "src/playback/files/file_format.h"

namespace butaca::gateway {

namespace {

namespace files = playback::files;
using FilePtr = std::shared_ptr<files::FileFormat>;
using JobsPtr = std::shared_ptr<const playback::JobSource>;
using PlayablePtr = std::shared_ptr<const playback::Playable>;
using RequestPtr = std::shared_ptr<const http::Request>;

// So much waits for a slow client; what comes after is made when it has taken some of it.
constexpr std::size_t waiting_most_bytes = 512UL * 1024;

// The last byte of a file that nobody knows the length of.
constexpr std::uint64_t no_end = std::numeric_limits<std::uint64_t>::max() - 1;

// What of a playback's wishes concerns a file of sound.
playback::Wishes wishes_for_file(const playback::Wishes &wishes, const std::string &format)
{
    playback::Wishes only;
    only.quality = wishes.quality;
    only.audio_bitrate_bps = format == "flac" ? 0 : wishes.audio_bitrate_bps;
    only.audio_language = wishes.audio_language;
    only.normalize = wishes.normalize;
    only.night = wishes.night;
    only.file_format = format;
    return only;
}

files::ByteView view(const std::string &bytes)
{
    return {reinterpret_cast<const std::uint8_t *>(bytes.data()), bytes.size()};
}

// One file under way to one client. Kept alive by what it waits for.
class Sending : public std::enable_shared_from_this<Sending> {
public:
    Sending(Services &services, PlaybackTicket ticket, FilePtr file, JobsPtr jobs)
        : services_(services), ticket_(std::move(ticket)), file_(std::move(file)), jobs_(std::move(jobs))
    {
    }

    void begin(http::ByteRange part, std::shared_ptr<http::BodyStream> stream)
    {
        stream_ = std::move(stream);
        left_bytes_ = part.last - part.first + 1;
        auto self = shared_from_this();
        stream_->on_gone([self] { self->leave(); });
        stream_->on_drained([self] { self->go_on(); });
        skip_bytes_ = part.first;
        if (skip_bytes_ < file_->head().size()) {
            send(file_->head());
        } else {
            skip_bytes_ -= file_->head().size();
            while (piece_ < file_->pieces() && skip_bytes_ >= file_->piece_bytes(piece_).value_or(0))
                skip_bytes_ -= *file_->piece_bytes(piece_++);
        }
        go_on();
    }

private:
    // Sends the next piece unless one is being waited for or enough of it is waiting for the client.
    void go_on()
    {
        if (!stream_ || waiting_ || stream_->queued_bytes() > waiting_most_bytes)
            return;
        if (left_bytes_ == 0 || piece_ == file_->pieces()) {
            stream_->finish();
            return leave();
        }
        gather(jobs_, false);
    }

    void gather(const JobsPtr &jobs, bool again)
    {
        auto self = shared_from_this();
        maker_ = file_->begin(piece_);
        waiting_ = services_.segments.get(
            jobs, static_cast<std::int64_t>(piece_), playback::Priority::viewer, ticket_.id,
            {[self](const std::shared_ptr<GBytes> &chunk) { self->take(chunk); },
             [self, again] { self->end_piece(again); },
             [self](const Error &error) { self->break_off(error); }});
    }

    void take(const std::shared_ptr<GBytes> &chunk)
    {
        if (!stream_)
            return;
        gsize size_bytes = 0;
        const auto *data = static_cast<const std::uint8_t *>(g_bytes_get_data(chunk.get(), &size_bytes));
        auto ready = maker_->feed({data, size_bytes});
        ready ? send(*ready) : break_off(ready.error());
    }

    void end_piece(bool again)
    {
        if (!stream_)
            return;
        auto rest = maker_->finish();
        if (!rest && rest.error().code == ErrorCode::too_large && !again)
            return make_smaller();
        if (!rest)
            return break_off(rest.error());
        send(*rest);
        piece_++;
        waiting_.reset();
        go_on();
    }

    // The encoder spent more on this piece than its place holds: it is made anew with half the rate.
    void make_smaller()
    {
        log::info("file.piece_too_large", {{"rendition", file_->rendition().id}, {"piece", piece_}});
        auto wishes = wishes_for_file(ticket_.wishes, "m4a");
        wishes.audio_bitrate_bps = file_->rendition().transform.bitrate_bps / 2;
        services_.presentations.get(ticket_.digest, wishes,
                                    [self = shared_from_this()](const Result<PlayablePtr> &playable) {
                                        if (!playable)
                                            return self->break_off(playable.error());
                                        self->gather((*playable)->audio.front(), true);
                                    });
    }

    void send(const std::string &bytes)
    {
        const std::size_t from = std::min<std::uint64_t>(skip_bytes_, bytes.size());
        const std::size_t count = std::min<std::uint64_t>(left_bytes_, bytes.size() - from);
        skip_bytes_ -= from;
        left_bytes_ -= count;
        if (count > 0)
            stream_->write(adopt(g_bytes_new(bytes.data() + from, count)));
    }

    void break_off(const Error &error)
    {
        log::warn("file.broken_off", {{"rendition", file_->rendition().id},
                                      {"code", to_string(error.code)},
                                      {"detail", error.message + " " + error.detail}});
        if (stream_)
            stream_->abort();
        leave();
    }

    // What holds this object lets go of it when its own callback is over.
    void leave()
    {
        stream_.reset();
        waiting_.reset();
    }

    Services &services_;
    PlaybackTicket ticket_;
    FilePtr file_;
    JobsPtr jobs_;
    std::shared_ptr<http::BodyStream> stream_;
    std::unique_ptr<playback::SegmentService::Waiter> waiting_;
    std::unique_ptr<files::PieceMaker> maker_;
    std::size_t piece_ = 0;
    std::uint64_t skip_bytes_ = 0; // of what comes next
    std::uint64_t left_bytes_ = 0;
};

void answer(Services &services, const PlaybackTicket &ticket, const FilePtr &file,
            const PlayablePtr &playable, const RequestPtr &request, const http::Responder &responder)
{
    auto sending = std::make_shared<Sending>(services, ticket, file, playable->audio.front());
    const std::string tag = "\"" + file->rendition().id + "." + ticket.wishes.file_format + "\"";
    http::Response response;
    if (auto size = file->size_bytes()) {
        response =
            http::serve_stream(*request, *size, tag, file->content_type(),
                               [sending](http::ByteRange part, std::shared_ptr<http::BodyStream> stream) {
                                   sending->begin(part, std::move(stream));
                               });
    } else {
        response.headers.set("Content-Type", std::string(file->content_type()));
        response.headers.set("Accept-Ranges", "none");
        response.stream = [sending](std::shared_ptr<http::BodyStream> stream) {
            sending->begin({0, no_end}, std::move(stream));
        };
    }
    response.headers.set("Cache-Control", "private, max-age=86400");
    responder.respond(std::move(response));
}

// The file's facts, from memory or made; FLAC and m4a need the init segment for that.
void with_file(Services &services, const PlaybackTicket &ticket, const PlayablePtr &playable,
               const std::function<void(Result<FilePtr>)> &done)
{
    const auto &presentation = *playable->presentation;
    const std::string &format = ticket.wishes.file_format;
    const std::string key = presentation.audio.front().id + "." + format;
    if (auto file = services.sound_files.find(key))
        return done(file);
    const auto finish = [&services, key, format, playable, done](const Result<std::string> &init) {
        if (!init)
            return done(fail(init.error()));
        auto file = files::make_file(format, *playable->presentation, view(*init));
        if (file)
            services.sound_files.keep(key, *file);
        done(std::move(file));
    };
    if (!files::needs_init(format))
        return finish(std::string());
    // It holds itself until it has called back.
    auto waiting = std::make_shared<std::shared_ptr<Gathering>>();
    *waiting = Gathering::begin(services.segments, playable->audio.front(), playback::init_segment, "",
                                [waiting, finish](const Result<std::string> &init) {
                                    finish(init);
                                    waiting->reset();
                                });
}

} // namespace

void send_sound_file(Services &services, const std::string &format, const RequestPtr &request,
                     const http::Responder &responder)
{
    auto ticket = open_ticket(services.key, request->params.find("token")->second, unix_now_s());
    if (!ticket)
        return responder.respond(ticket.error());
    ticket->wishes = wishes_for_file(ticket->wishes, format);
    services.presentations.get(
        ticket->digest, ticket->wishes,
        [&services, ticket = *ticket, request, responder](Result<PlayablePtr> playable) {
            if (!playable)
                return responder.respond(playable.error());
            with_file(
                services, ticket, *playable,
                [&services, ticket, playable = *playable, request, responder](const Result<FilePtr> &file) {
                    file ? answer(services, ticket, *file, playable, request, responder)
                         : responder.respond(file.error());
                });
        });
}

} // namespace butaca::gateway
