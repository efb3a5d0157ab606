// SPDX-License-Identifier: LGPL-2.1-or-later
#include "client/check/checker.h"

#include <algorithm>

#include "client/check/judge_lists.h"
#include "client/check/judge_whole.h"

namespace butaca::client::check {

namespace {

constexpr std::size_t at_once = 3;
constexpr std::size_t playlist_limit_bytes = 10 << 20;
constexpr std::size_t init_limit_bytes = 16 << 20;
constexpr std::size_t segment_limit_bytes = 256 << 20;
constexpr std::size_t streams_most = 256;

} // namespace

Checker::Checker(CheckSettings settings)
    : settings_(std::move(settings)), fetcher_(settings_.headers, settings_.fetch_timeout)
{
}

void Checker::start(std::function<void(std::size_t, std::size_t)> progress, std::function<void(Status)> done)
{
    progress_ = std::move(progress);
    done_ = std::move(done);
    base_ =
        settings_.url.substr(0, settings_.url.substr(0, settings_.url.find_first_of("?#")).rfind('/') + 1);
    Wish wish;
    wish.url = settings_.url;
    wish.gzip = true;
    wish.limit_bytes = playlist_limit_bytes;
    fetcher_.fetch(std::move(wish), [this](const Fetched &fetched) { take_first(fetched); });
    deadline_.once(settings_.whole_timeout, [this] { finish(); });
}

void Checker::take_first(const Fetched &fetched)
{
    const auto fail_with = [&](const std::string &why) {
        deadline_.stop();
        phase_ = Phase::over;
        std::exchange(done_, nullptr)(fail(ErrorCode::unavailable, why));
    };
    if (fetched.status != 200)
        return fail_with(fetched.status == 0 ? fetched.trouble : "HTTP " + std::to_string(fetched.status));
    if (fetched.body.find("#EXT") == std::string::npos)
        return fail_with("#EXTM3U?");
    presentation_.name = name_of(settings_.url);
    const Place place{presentation_.name, 0, no_segment};
    judge_answer(fetched, {}, place, findings_);
    Findings aside; // of a media playlist, which is read again as the only stream
    const Playlist playlist = read_playlist(fetched.body, presentation_.name, aside);
    if (!settings_.url.starts_with("https:"))
        findings_.add(is_loopback(settings_.url) ? Rule::delivery_local : Rule::delivery_tls, place);
    if (playlist.is_multivariant) {
        judge_types(fetched, Delivered::playlist, place, findings_);
        read_playlist(fetched.body, presentation_.name, findings_);
        presentation_.multivariant = playlist.multivariant;
        judge_multivariant(*presentation_.multivariant, presentation_.name, findings_);
        add_streams(fetched.url);
    } else if (const auto only = stream_of(fetched.url, fetched.url, Role::variant, 0)) {
        take_playlist(*only, fetched);
    }
    pump();
}

void Checker::add_streams(const std::string &base)
{
    const MultivariantPlaylist &list = *presentation_.multivariant;
    for (const Variant &one : list.variants)
        presentation_.variants.push_back(stream_of(base, one.uri, Role::variant, one.line));
    for (const Variant &one : list.media) {
        const Role role = one.attributes.is("TYPE", "SUBTITLES") ? Role::subtitles : Role::rendition;
        presentation_.media.push_back(one.uri.empty() ? std::nullopt
                                                      : stream_of(base, one.uri, role, one.line));
    }
    for (const Variant &one : list.iframes)
        presentation_.iframes.push_back(one.uri.empty() ? std::nullopt
                                                        : stream_of(base, one.uri, Role::iframes, one.line));
}

// The stream behind a URI; one that is named twice is fetched once.
std::optional<std::size_t> Checker::stream_of(const std::string &base, const std::string &uri, Role role,
                                              unsigned line)
{
    const Place place{presentation_.name, line, no_segment};
    const auto url = resolve(base, uri);
    if (!url) {
        findings_.add(Rule::uri_malformed, place, {uri});
        return std::nullopt;
    }
    const auto known = by_url_.find(*url);
    if (known != by_url_.end())
        return known->second;
    if (presentation_.streams.size() == streams_most) {
        findings_.add(Rule::not_readable, place, {"> " + std::to_string(streams_most) + " playlists"});
        return std::nullopt;
    }
    Stream stream;
    stream.url = *url;
    stream.name = name_of(*url);
    stream.role = role;
    by_url_[*url] = presentation_.streams.size();
    presentation_.streams.push_back(std::move(stream));
    work_.emplace_back();
    return presentation_.streams.size() - 1;
}

std::string Checker::name_of(const std::string &url) const
{
    const bool below = !base_.empty() && url.starts_with(base_) && url.size() > base_.size();
    return below ? url.substr(base_.size()) : url;
}

// Keeps as many fetches under way as there may be; when a phase has no more, the next one begins.
void Checker::pump()
{
    while (phase_ != Phase::over && fetcher_.running() < at_once)
        if (!start_next()) {
            if (fetcher_.running() > 0)
                return;
            cursor_ = 0;
            phase_ = static_cast<Phase>(static_cast<int>(phase_) + 1);
            if (phase_ == Phase::over)
                return finish();
        }
}

bool Checker::start_next()
{
    switch (phase_) {
    case Phase::playlists:
        return start_playlist();
    case Phase::inits:
        return start_init();
    case Phase::segments:
        return start_segment();
    case Phase::probes:
        return start_probe();
    case Phase::over:
        return false;
    }
    return false;
}

bool Checker::start_playlist()
{
    while (cursor_ < work_.size() && work_[cursor_].fetched)
        cursor_++;
    if (cursor_ == work_.size())
        return false;
    const std::size_t i = cursor_++;
    Wish wish;
    wish.url = presentation_.streams[i].url;
    wish.gzip = true;
    wish.limit_bytes = playlist_limit_bytes;
    fetcher_.fetch(std::move(wish), [this, i](const Fetched &fetched) {
        if (judge_answer(fetched, {}, {presentation_.streams[i].name, 0, no_segment}, findings_))
            take_playlist(i, fetched);
        pump();
    });
    return true;
}

bool Checker::take_playlist(std::size_t i, const Fetched &fetched)
{
    Stream &stream = presentation_.streams[i];
    work_[i].fetched = true;
    const Place place{stream.name, 0, no_segment};
    judge_types(fetched, Delivered::playlist, place, findings_);
    Playlist playlist = read_playlist(fetched.body, stream.name, findings_);
    if (playlist.is_multivariant) {
        findings_.add(Rule::playlist_kind, place, {"EXT-X-STREAM-INF"});
        return false;
    }
    stream.url = fetched.url; // what is named relative to it is relative to where it came from
    stream.list = std::move(playlist.media);
    stream.segments.resize(stream.list.segments.size());
    judge_media_playlist(stream.list, stream.role == Role::variant || stream.role == Role::rendition,
                         stream.name, findings_);
    if (stream.role == Role::iframes && !stream.list.iframes_only)
        findings_.add(Rule::iframes_only, place);
    const bool encrypted = std::any_of(stream.list.segments.begin(), stream.list.segments.end(),
                                       [](const Segment &segment) { return segment.encrypted; });
    if (encrypted)
        findings_.add(Rule::not_readable, place, {"EXT-X-KEY"});
    return true;
}

std::size_t Checker::segments_wanted(const Stream &stream) const
{
    return std::min(stream.list.segments.size(), settings_.segments_most);
}

bool Checker::start_init()
{
    for (; cursor_ < work_.size(); cursor_++) {
        Stream &stream = presentation_.streams[cursor_];
        Work &work = work_[cursor_];
        while (work.next_map < stream.list.maps.size()) {
            const std::size_t map = work.next_map++;
            const Resource &resource = stream.list.maps[map];
            Wish wish;
            const auto url = resolve(stream.url, resource.uri);
            if (!url) {
                findings_.add(Rule::uri_malformed, {stream.name, resource.line, init_segment},
                              {resource.uri});
                continue;
            }
            wish.url = *url;
            wish.range = resource.range;
            wish.limit_bytes = init_limit_bytes;
            fetcher_.fetch(std::move(wish), [this, i = cursor_, map](const Fetched &fetched) {
                take_init(i, map, fetched);
                pump();
            });
            return true;
        }
    }
    return false;
}

void Checker::take_init(std::size_t i, std::size_t map, const Fetched &fetched)
{
    Stream &stream = presentation_.streams[i];
    const Resource &resource = stream.list.maps[map];
    const Place place{stream.name, resource.line, init_segment};
    if (!judge_answer(fetched, resource.range, place, findings_) || looks_like_transport_stream(fetched.body))
        return;
    judge_types(fetched, Delivered::init, place, findings_);
    Init init = read_init(fetched.body, place, findings_);
    for (const Track &track : init.tracks)
        stream.add_format(track.format);
    work_[i].inits[map] = std::move(init);
}

bool Checker::start_segment()
{
    for (; cursor_ < work_.size(); cursor_++) {
        Stream &stream = presentation_.streams[cursor_];
        Work &work = work_[cursor_];
        while (work.next_segment < segments_wanted(stream)) {
            const std::size_t k = work.next_segment++;
            const Resource &resource = stream.list.segments[k].resource;
            const auto url = resolve(stream.url, resource.uri);
            if (!url) {
                findings_.add(Rule::uri_malformed, {stream.name, resource.line, static_cast<std::int64_t>(k)},
                              {resource.uri});
                continue;
            }
            Wish wish;
            wish.url = *url;
            wish.range = resource.range;
            wish.limit_bytes = segment_limit_bytes;
            fetcher_.fetch(std::move(wish), [this, i = cursor_, k](Fetched fetched) {
                take_segment(i, k, std::move(fetched));
                pump();
            });
            return true;
        }
    }
    return false;
}

bool Checker::start_probe()
{
    for (; cursor_ < work_.size(); cursor_++) {
        Work &work = work_[cursor_];
        while (!work.probe_url.empty() && work.probes < 2) {
            const bool head = work.probes++ == 0;
            Wish wish;
            wish.url = work.probe_url;
            wish.limit_bytes = segment_limit_bytes;
            if (head)
                wish.method = "HEAD";
            else if (work.probe_bytes.empty())
                continue;
            else
                wish.range = work.probe;
            fetcher_.fetch(std::move(wish), [this, i = cursor_, head](const Fetched &fetched) {
                const Work &asked = work_[i];
                const Place place{presentation_.streams[i].name, 0, 0};
                if (head)
                    judge_head(fetched, asked.first_head, place, findings_);
                else
                    judge_range(fetched, asked.probe, asked.probe_size, asked.probe_bytes, place, findings_);
                pump();
            });
            return true;
        }
    }
    return false;
}

void Checker::finish()
{
    if (!done_)
        return;
    phase_ = Phase::over;
    deadline_.stop();
    for (const Stream &stream : presentation_.streams) {
        const auto looked_at = std::count_if(stream.segments.begin(), stream.segments.end(),
                                             [](const SegmentFacts &facts) { return facts.looked_at; });
        if (static_cast<std::size_t>(looked_at) < stream.segments.size())
            findings_.add(Rule::not_all, {stream.name, 0, no_segment},
                          {std::to_string(looked_at), std::to_string(stream.segments.size())});
    }
    judge_whole(presentation_, findings_);
    std::exchange(done_, nullptr)({});
}

} // namespace butaca::client::check
