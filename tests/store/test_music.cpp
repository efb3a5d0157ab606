// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/base/encoding.h"
#include "store/migrate.h"
#include "store/music.h"
#include "tests/support/postgres.h"

using namespace butaca;

namespace {

struct Song {
    std::string title;
    std::string artist;
    std::string album;
    int disc = 0;
    int track = 0;
    std::string album_artist = "";
};

class Music : public test::WithPostgres {
protected:
    void SetUp() override
    {
        WithPostgres::SetUp();
        connection.emplace(server->connect());
        ASSERT_TRUE(store::migrate(*connection));
    }

    void put(const std::vector<Song> &songs, media::Kind kind = media::Kind::audio)
    {
        std::vector<store::ItemRow> rows;
        for (const Song &song : songs) {
            store::ItemRow row;
            row.digest = sha256_hex(song.title + song.artist + song.album);
            row.kind = kind;
            row.slug = row.digest;
            row.title = song.title;
            row.artist = song.artist;
            row.album = song.album;
            row.year = 1990 + static_cast<unsigned>(song.track);
            row.duration_ms = 1000;
            row.origin = "as";
            row.facts = R"({"tags":{"disc":)" + std::to_string(song.disc) + R"(,"track":)" +
                        std::to_string(song.track) + R"(,"album_artist":")" + song.album_artist + R"("}})";
            rows.push_back(row);
        }
        Status done = store::upsert_items(*connection, rows);
        ASSERT_TRUE(done) << done.error().detail;
    }

    std::vector<store::Album> albums(store::MusicQuery query = {})
    {
        std::vector<store::Album> all;
        for (;;) {
            auto page = store::list_albums(*connection, query);
            EXPECT_TRUE(page) << page.error().detail;
            if (!page)
                return all;
            all.insert(all.end(), page->albums.begin(), page->albums.end());
            if (page->next.empty())
                return all;
            query.cursor = page->next;
        }
    }

    std::optional<pg::Connection> connection;
};

TEST_F(Music, AnAlbumHasItsTracksInTheOrderOfDiscsAndTracks)
{
    put({{"d", "Ana", "Mar", 2, 1},
         {"b", "Ana", "Mar", 1, 2},
         {"a", "Ana", "Mar", 1, 10},
         {"c", "Ana", "Mar", 1, 1}});
    auto all = albums();
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all[0].title, "Mar");
    EXPECT_EQ(all[0].artist, "Ana");
    EXPECT_EQ(all[0].tracks, 4);
    EXPECT_EQ(all[0].duration_ms, 4000);
    EXPECT_EQ(all[0].year, 2000U);
    auto tracks = store::album_tracks(*connection, all[0].id);
    ASSERT_TRUE(tracks);
    std::string order;
    for (const auto &item : *tracks)
        order += item.title;
    EXPECT_EQ(order, "cbad");
    EXPECT_EQ(all[0].first_item, tracks->front().id);
    EXPECT_EQ(tracks->front().album_id, all[0].id);
    EXPECT_EQ(tracks->front().track, 1U);
}

TEST_F(Music, AlbumsOfOneNameByDifferentArtistsAreDifferentOnes)
{
    put({{"a", "Ana", "Grandes éxitos"}, {"b", "Eva", "Grandes éxitos"}, {"c", "ANA", "Grandes exitos"}});
    auto all = albums();
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].tracks + all[1].tracks, 3);
}

TEST_F(Music, ACollectionIsOneAlbumIfItsTagsSayWhoMadeIt)
{
    put({{"a", "Ana", "Verano", 0, 1, "Varios"}, {"b", "Eva", "Verano", 0, 2, "Varios"}});
    auto all = albums();
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all[0].artist, "Varios");
    auto artists = store::list_artists(*connection, {});
    ASSERT_TRUE(artists);
    ASSERT_EQ(artists->artists.size(), 2U);
    EXPECT_EQ(artists->artists[0].name, "Ana");
    EXPECT_EQ(artists->artists[0].albums, 1);
    // Both the maker's and each singer's albums have it.
    EXPECT_EQ(albums({"", artists->artists[1].id, 50, ""}).size(), 1U);
    EXPECT_EQ(albums({"", all[0].artist_id, 50, ""}).size(), 1U);
    EXPECT_EQ(albums({"", std::string(16, '0'), 50, ""}).size(), 0U);
}

TEST_F(Music, ListsComeInPagesByName)
{
    std::vector<Song> songs;
    for (const char *name : {"é", "b", "A", "d", "c"})
        songs.push_back({"t", "artist of " + std::string(name), name});
    put(songs);
    std::string order;
    for (const auto &album : albums({"", "", 2, ""}))
        order += album.title;
    EXPECT_EQ(order, "Abcdé");
    auto first = store::list_artists(*connection, {"", "", 3, ""});
    auto second = store::list_artists(*connection, {"", "", 3, first->next});
    EXPECT_EQ(first->artists.size(), 3U);
    EXPECT_EQ(second->artists.size(), 2U);
    EXPECT_EQ(second->next, "");
    EXPECT_FALSE(store::list_albums(*connection, {"", "", 50, "nonsense"}));
}

TEST_F(Music, EveryWordHasToBeInTheNameOrTheArtist)
{
    put({{"t", "Ana Belén", "Mar adentro"}, {"t", "Eva", "Mar"}});
    EXPECT_EQ(albums({"mar", "", 50, ""}).size(), 2U);
    EXPECT_EQ(albums({"BELEN mar", "", 50, ""}).size(), 1U);
}

TEST_F(Music, FilmsAndWhatIsGoneAreNoMusic)
{
    put({{"t", "Ana", "Mar"}}, media::Kind::video);
    EXPECT_TRUE(albums().empty());
    put({{"u", "Eva", "Sol"}});
    ASSERT_EQ(albums().size(), 1U);
    auto id = albums()[0].id;
    ASSERT_TRUE(store::mark_absent(*connection, "as", {}));
    EXPECT_TRUE(albums().empty());
    EXPECT_EQ(store::get_album(*connection, id).error().code, ErrorCode::not_found);
}

} // namespace
