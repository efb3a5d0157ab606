// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/base/encoding.h"
#include "store/catalogue.h"
#include "store/migrate.h"
#include "tests/support/postgres.h"

using namespace butaca;
using store::ItemRow;

namespace {

class Catalogue : public test::WithPostgres {
protected:
    void SetUp() override
    {
        WithPostgres::SetUp();
        connection.emplace(server->connect());
        ASSERT_TRUE(store::migrate(*connection));
    }

    void put(const std::vector<ItemRow> &rows)
    {
        Status done = store::upsert_items(*connection, rows);
        ASSERT_TRUE(done) << done.error().detail;
    }

    store::Item get(const std::string &id_or_slug)
    {
        auto item = store::get_item(*connection, id_or_slug);
        EXPECT_TRUE(item) << id_or_slug;
        return item ? *item : store::Item();
    }

    std::vector<std::string> titles(store::ListQuery query = {})
    {
        std::vector<std::string> found;
        for (;;) {
            auto page = store::list_items(*connection, query);
            EXPECT_TRUE(page) << page.error().detail;
            for (const store::Item &item : page->items)
                found.push_back(item.title);
            if (page->next.empty())
                return found;
            query.cursor = page->next;
        }
    }

    std::optional<pg::Connection> connection;
};

// `bytes` stands for the content of the file.
ItemRow film(const std::string &bytes, const std::string &title, const std::string &slug = "")
{
    ItemRow row;
    row.digest = sha256_hex(bytes);
    row.slug = slug.empty() ? bytes : slug;
    row.title = title;
    row.duration_ms = 7200000;
    row.origin = "vs";
    row.facts = R"({"container":"mp4","size_bytes":9007199254740993})";
    return row;
}

ItemRow song(const std::string &bytes, const std::string &title, const std::string &artist)
{
    ItemRow row = film(bytes, title);
    row.kind = media::Kind::audio;
    row.artist = artist;
    row.origin = "as";
    return row;
}

} // namespace

TEST_F(Catalogue, GivesBackWhatWasPut)
{
    ItemRow row = song("suite", "Suite \"nº 1\"", "Bach; drop table items");
    row.album = "Cello\\Suites";
    row.year = 1983;
    put({row});
    const store::Item item = get("suite");
    EXPECT_EQ(item.id, row.digest.substr(0, 16));
    EXPECT_EQ(item.digest, row.digest);
    EXPECT_EQ(item.kind, media::Kind::audio);
    EXPECT_EQ(item.title, row.title);
    EXPECT_EQ(item.artist, row.artist);
    EXPECT_EQ(item.album, row.album);
    EXPECT_EQ(item.year, 1983U);
    EXPECT_EQ(item.duration_ms, 7200000);
    EXPECT_EQ(item.price_minor, 0);
    EXPECT_EQ(item.currency, "EUR");
    EXPECT_TRUE(item.available);
    EXPECT_TRUE(item.present);
    EXPECT_NE(item.facts.find("9007199254740993"), std::string::npos) << "integers are not rounded";
    EXPECT_EQ(get(item.id).slug, "suite");
}

TEST_F(Catalogue, SaysThatThereIsNoSuchItem)
{
    auto item = store::get_item(*connection, "nowhere");
    ASSERT_FALSE(item);
    EXPECT_EQ(item.error().code, ErrorCode::not_found);
}

TEST_F(Catalogue, PagesInTheOrderOfTitlesWhateverTheirCaseAndAccents)
{
    put({film("1", "zulu"), film("2", "Árbol"), film("3", "bola"), film("4", "abc"), film("5", "Bola"),
         film("6", "Ñu"), film("7", "nube")});
    const std::vector<std::string> all = titles();
    ASSERT_EQ(all.size(), 7U);
    EXPECT_EQ(all[0], "abc");
    EXPECT_EQ(all[1], "Árbol");
    EXPECT_EQ(all[4], "Ñu");
    EXPECT_EQ(all[6], "zulu");
    for (unsigned limit : {1U, 2U, 3U, 6U, 7U, 200U})
        EXPECT_EQ(titles({"", {}, limit, ""}), all) << limit;
}

TEST_F(Catalogue, NeitherRepeatsNorSkipsWhenItemsComeAndGoBetweenPages)
{
    put({film("1", "b"), film("2", "d"), film("3", "f")});
    auto first = store::list_items(*connection, {"", {}, 2, ""});
    ASSERT_TRUE(first);
    put({film("0", "a"), film("4", "e")});
    const std::vector<std::string> gone{sha256_hex("0"), sha256_hex("2"), sha256_hex("3"), sha256_hex("4")};
    ASSERT_TRUE(store::mark_absent(*connection, "vs", gone));
    EXPECT_EQ(titles({"", {}, 2, first->next}), (std::vector<std::string>{"e", "f"}));
}

TEST_F(Catalogue, FindsByEveryWordInTitleArtistOrAlbum)
{
    put({song("1", "Suite", "Johann Bach"), song("2", "Canción", "Óscar"), film("3", "Bach's life")});
    EXPECT_EQ(titles({"bach", {}, 50, ""}).size(), 2U);
    EXPECT_EQ(titles({"BACH  suite", {}, 50, ""}), (std::vector<std::string>{"Suite"}));
    EXPECT_EQ(titles({"cancion oscar", {}, 50, ""}), (std::vector<std::string>{"Canción"}));
    EXPECT_EQ(titles({"bach", media::Kind::video, 50, ""}), (std::vector<std::string>{"Bach's life"}));
    EXPECT_TRUE(titles({"%", {}, 50, ""}).empty()) << "no wildcards";
}

TEST_F(Catalogue, RefusesACursorOfSomeoneElse)
{
    for (const char *cursor : {"?", "AAAA", "AAAAAAAAAAAAAAAAAAAAAAAAAAAA"}) {
        auto page = store::list_items(*connection, {"", {}, 50, cursor});
        ASSERT_FALSE(page) << cursor;
        EXPECT_EQ(page.error().code, ErrorCode::invalid_argument);
    }
    // Well formed but hostile bytes reach the database as a value and are refused there.
    auto page = store::list_items(*connection,
                                  {"", {}, 50, to_base64url(std::string("0123456789abcdef \0\xff'", 20))});
    ASSERT_FALSE(page);
    EXPECT_EQ(page.error().code, ErrorCode::invalid_argument);
}

TEST_F(Catalogue, HidesAbsentItemsFromListsButNotFromTheirOwners)
{
    put({film("1", "stays"), film("2", "goes"), song("3", "elsewhere", "x")});
    const std::vector<std::string> present{sha256_hex("1")};
    auto marked = store::mark_absent(*connection, "vs", present);
    ASSERT_TRUE(marked);
    EXPECT_EQ(*marked, 1);
    EXPECT_EQ(titles(), (std::vector<std::string>{"elsewhere", "stays"}));
    EXPECT_FALSE(get("2").present);
    put({film("2", "goes")});
    EXPECT_TRUE(get("2").present);
}

TEST_F(Catalogue, EmptiesAnOriginThatOffersNothing)
{
    put({film("1", "a"), film("2", "b")});
    auto marked = store::mark_absent(*connection, "vs", {});
    ASSERT_TRUE(marked);
    EXPECT_EQ(*marked, 2);
}

TEST_F(Catalogue, KeepsPriceAndAvailabilityOfItemsThatAreOfferedAgain)
{
    put({film("1", "old title")});
    ASSERT_TRUE(connection->run_script("update items set price_minor = 499, available = false"));
    put({film("1", "new title")});
    const store::Item item = get("1");
    EXPECT_EQ(item.title, "new title");
    EXPECT_EQ(item.price_minor, 499);
    EXPECT_FALSE(item.available);
}

TEST_F(Catalogue, DoesNotTouchARowThatDidNotChange)
{
    constexpr pg::Statement version{"test.version", "select xmin::text from items"};
    put({film("1", "a")});
    const std::string before = (*connection->exec(version))[0].text(0);
    put({film("1", "a")});
    EXPECT_EQ((*connection->exec(version))[0].text(0), before);
}

TEST_F(Catalogue, GivesEveryItemASlugOfItsOwn)
{
    put({film("one", "A", "same"), film("two", "B", "same")});
    put({film("three", "C", "same")});
    const std::string owner = get("same").digest;
    EXPECT_EQ(titles().size(), 3U);
    put({film("one", "A", "same"), film("two", "B", "same"), film("three", "C", "same")});
    EXPECT_EQ(get("same").digest, owner) << "a slug does not wander";
    EXPECT_EQ(get("same-" + sha256_hex("three").substr(0, 8)).title, "C");
}

TEST_F(Catalogue, GivesTheSlugOfAReplacedFileToItsSuccessor)
{
    put({film("worse copy", "Film", "film")});
    const std::vector<std::string> present{sha256_hex("better copy")};
    ASSERT_TRUE(store::mark_absent(*connection, "vs", present));
    put({film("better copy", "Film", "film")});
    EXPECT_EQ(get("film").digest, sha256_hex("better copy"));
    EXPECT_FALSE(get(sha256_hex("worse copy").substr(0, 16)).present);
}

TEST_F(Catalogue, FollowsAFileThatWasRenamed)
{
    put({film("1", "Film", "holiday")});
    put({film("1", "Film", "summer")});
    EXPECT_EQ(get("summer").id, sha256_hex("1").substr(0, 16));
    EXPECT_FALSE(store::get_item(*connection, "holiday"));
}

TEST_F(Catalogue, TakesAllOrNothing)
{
    ItemRow wrong = film("2", "b");
    wrong.digest = "no digest";
    const std::vector<ItemRow> rows{film("1", "a"), wrong};
    Status done = store::upsert_items(*connection, rows);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, ErrorCode::unprocessable);
    EXPECT_TRUE(titles().empty());
}
