// SPDX-License-Identifier: LGPL-2.1-or-later
// Albums and artists, made of the tags of the music that is there. They have no rows of their own: an album
// is what its tracks say, and goes with the last of them. All functions block; run them on pg::Database.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "store/catalogue.h"
#include "store/pg/connection.h"

namespace butaca::store {

struct Album {
    std::string id; // 16 hex digits, of its name and its artist: the same on every machine
    std::string title;
    std::string artist; // who made the album, else who made its tracks
    std::string artist_id;
    unsigned year = 0; // the latest of its tracks
    std::int64_t tracks = 0;
    std::int64_t duration_ms = 0;
    std::string first_item; // the id of its first track, whose picture is the album's
    bool has_cover = false; // whether that track came with one
};

struct Artist {
    std::string id;
    std::string name;
    std::int64_t albums = 0; // on which there is something by this artist
    std::int64_t tracks = 0;
};

struct MusicQuery {
    std::string text;    // every word of it has to be in the name (of an album: or its artist's)
    std::string artist;  // an artist's id: albums made by or with this one; "" for all. Albums only
    unsigned limit = 50; // at most 200 are given
    std::string cursor;  // `next` of the page before; "" for the first
};

struct AlbumPage {
    std::vector<Album> albums;
    std::string next; // "" after the last page
};
struct ArtistPage {
    std::vector<Artist> artists;
    std::string next;
};

// Present, available music by name. `invalid_argument` for a cursor that is not ours.
Result<AlbumPage> list_albums(pg::Connection &connection, const MusicQuery &query);
Result<ArtistPage> list_artists(pg::Connection &connection, const MusicQuery &query);

// `not_found` when nothing of it is there.
Result<Album> get_album(pg::Connection &connection, std::string_view id);
// Its tracks in the order of discs and tracks, at most 1000.
Result<std::vector<Item>> album_tracks(pg::Connection &connection, std::string_view id);

// An album and all that is on it.
struct WholeAlbum {
    Album album;
    std::vector<Item> tracks; // in their order
};
Result<WholeAlbum> get_whole_album(pg::Connection &connection, const std::string &id);

} // namespace butaca::store
