// SPDX-License-Identifier: LGPL-2.1-or-later
// What AppS knows of its VS and AS hosts: their catalogues, kept fresh by long polls, with a circuit breaker
// each. Belongs to the main loop.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "src/base/result.h"
#include "src/base/signed.h"
#include "src/media/cover.h"
#include "src/media/facts.h"
#include "src/media/index.h"
#include "src/media/loudness.h"
#include "src/media/subtitles.h"

namespace butaca::playback {

// One host, by what it serves: scheme "vs" or "as" and its base URL ("http://127.0.0.1:8081").
struct OriginAddress {
    std::string scheme;
    std::string url;
};

struct OriginSettings {
    std::vector<OriginAddress> addresses;
    SigningKey key;           // shared with the origins: tickets
    std::string index_folder; // packet indexes are kept here, so that playing goes on while an origin is down
};

// Where an asset's bytes can be read just now.
struct OriginRoute {
    std::string scheme;
    std::vector<std::string> hosts; // host:port, those whose breaker is closed
    std::string ticket;
};

class Origins {
public:
    // `changed` gets each origin's whole list whenever it differs from the one before.
    using Changed = std::function<void(const OriginAddress &origin,
                                       const std::vector<std::shared_ptr<const media::Asset>> &assets)>;
    Origins(OriginSettings settings, Changed changed);
    ~Origins();
    Origins(const Origins &) = delete;
    Origins &operator=(const Origins &) = delete;

    // The asset as some origin lists it now; null when none does.
    std::shared_ptr<const media::Asset> find(const std::string &digest) const;
    // Has every origin given its list since the start?
    bool complete() const;
    // `unavailable`, with the time until the next probe, when every origin that had the asset is failing.
    Result<OriginRoute> route(const std::string &digest) const;
    // Remembers an asset from the database, so that its route is known before its origin has answered.
    void remember(const OriginAddress &origin, std::shared_ptr<const media::Asset> asset);

    // The packet index: from memory, the index folder, or the origin. Calls back on the loop, perhaps at
    // once.
    using GotIndex = std::function<void(Result<std::shared_ptr<const media::PacketIndex>>)>;
    void index(const std::string &digest, GotIndex done);
    // The cues of one of the asset's tracks, in the same way. The track must have a digest.
    using GotSubtitles = std::function<void(Result<std::shared_ptr<const media::Subtitles>>)>;
    void subtitles(const std::string &digest, const media::SubtitleTrack &track, GotSubtitles done);
    // How loud its sound is. The origin measures it when it is asked for the first time: `unavailable`, with
    // when to come back, while it does so.
    using GotLoudness = std::function<void(Result<std::shared_ptr<const media::LoudnessReport>>)>;
    void loudness(const std::string &digest, GotLoudness done);
    // The picture that came with the asset, which must have one.
    using GotCover = std::function<void(Result<std::shared_ptr<const media::Cover>>)>;
    void cover(const media::Asset &asset, GotCover done);
    // The file that holds them once subtitles() has given them: what workers read.
    std::string subtitles_path(const media::SubtitleTrack &track) const;

    // Did a worker get its bytes? Feeds the breakers of the hosts it was sent to.
    void report(const std::vector<std::string> &hosts, bool delivered);

    struct Health {
        OriginAddress origin;
        bool up = false;
        std::string breaker; // "closed", "open", "half-open"
        std::size_t assets = 0;
    };
    std::vector<Health> health() const;

    struct State;

private:
    std::shared_ptr<State> state_;
};

} // namespace butaca::playback
