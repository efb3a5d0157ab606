// SPDX-License-Identifier: LGPL-2.1-or-later
// What the routes work with. Everything belongs to the main loop and outlives the server.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "src/base/signed.h"
#include "src/gateway/account_services.h"
#include "src/gateway/packed_sizes.h"
#include "src/gateway/sound_files.h"
#include "src/http/router.h"
#include "src/playback/origins.h"
#include "src/playback/presentations.h"
#include "src/playback/rtsp/server.h"
#include "src/playback/segment_service.h"
#include "src/playback/thumbnails_ahead.h"
#include "store/pg/database.h"

namespace butaca::gateway {

struct Services {
    pg::Database &database;
    playback::Origins &origins;
    playback::Presentations &presentations;
    playback::SegmentService &segments;
    AccountServices &accounts;
    SigningKey key;         // signs playback URLs
    std::string public_url; // "https://films.example"; empty: what the client itself used
    std::string web_folder; // the built page
    std::int64_t playback_life_s = 12LL * 3600;
    SoundFiles sound_files;
    PackedSizes packed_sizes;
    playback::ThumbnailsAhead *thumbnails_ahead = nullptr; // null: they are made when they are asked for
    bool database_ready = false;                           // migrations are applied
    std::function<bool()> catalogue_stored; // has all that the origins listed reached the database?
    std::uint16_t rtsp_port = 0;            // 0: no RTSP
    std::function<playback::rtsp::Server::Counters()> rtsp_counters; // empty: no RTSP
};

// THE TABLE: every route that clients can reach.
std::vector<http::Route> routes(Services &services);

} // namespace butaca::gateway
