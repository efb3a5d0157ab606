// SPDX-License-Identifier: LGPL-2.1-or-later
// Presentations by what was asked for: planned once, kept while they are in use. Belongs to the main loop.
#pragma once

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "src/base/loop.h"
#include "src/base/result.h"
#include "src/playback/origins.h"
#include "src/playback/planner.h"
#include "src/playback/presentation.h"
#include "src/playback/segment_service.h"
#include "src/playback/wishes.h"

namespace butaca::playback {

// A presentation together with what makes its segments.
struct Playable {
    std::shared_ptr<const Presentation> presentation;
    std::vector<std::shared_ptr<const JobSource>> video; // by position in the presentation
    std::vector<std::shared_ptr<const JobSource>> audio;
    std::shared_ptr<const JobSource> keyframes;  // null without
    std::shared_ptr<const JobSource> thumbnails; // the same

    // The jobs of the rendition with this identity; null when the presentation has none.
    std::shared_ptr<const JobSource> jobs(std::string_view rendition) const;
};

class Presentations {
public:
    // `origins` must outlive this.
    explicit Presentations(Origins &origins) : origins_(origins) {}

    // Planning needs to know what the workers can encode, and which titles there are; until then get() waits,
    // for some seconds, so that viewers need not notice a restart. Then it answers `unavailable`.
    void set_encoders(Encoders encoders);
    // The origins were told all titles that the database remembers, or it could not tell.
    void titles_are_known();
    bool has_encoders() const { return !encoders_.empty(); }
    bool ready() const { return has_encoders() && titles_known_; }

    using Got = std::function<void(Result<std::shared_ptr<const Playable>>)>;
    // Plans, or finds what was planned before. Calls back on the loop, at once when nothing has to be
    // fetched.
    void get(const std::string &digest, const Wishes &wishes, Got done);

private:
    struct Request {
        std::string digest;
        Wishes wishes;
        Got done;
    };
    void wait(const std::string &digest, const Wishes &wishes, Got done);
    void answer_waiting();
    using AssetPtr = std::shared_ptr<const media::Asset>;
    using IndexPtr = std::shared_ptr<const media::PacketIndex>;
    void with_loudness(const AssetPtr &asset, const Wishes &wishes,
                       std::function<void(Result<AssetPtr>)> go_on);
    void plan_and_keep(const std::string &key, const AssetPtr &asset, const IndexPtr &index,
                       const Wishes &wishes, const Got &done);
    std::shared_ptr<const Playable> find(const std::string &key);
    std::shared_ptr<const Playable> keep(const std::string &key, Presentation presentation);

    Origins &origins_;
    Encoders encoders_;
    bool titles_known_ = false;
    std::vector<Request> waiting_; // until it is ready
    Timer patience_;
    std::list<std::pair<std::string, std::shared_ptr<const Playable>>> kept_; // most recently used first
    std::map<std::string, decltype(kept_)::iterator> by_key_;
};

} // namespace butaca::playback
