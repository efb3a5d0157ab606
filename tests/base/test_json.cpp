// SPDX-License-Identifier: LGPL-2.1-or-later
// The gate against what json-glib swallows or dies of, the values behind it, and the writer.
#include <cmath>
#include <random>

#include <gtest/gtest.h>

#include "src/base/json.h"

using namespace butaca;
using namespace std::string_literals;
using json::Value;
using json::Writer;

namespace {

constexpr const char *sample = R"( {"id": -7, "big":9223372036854775807, "small":-9223372036854775808,
  "real":1.5e-3, "whole":2.0, "zero":-0, "exp":1E2, "yes":true, "no":false, "none":null, "empty":"", "":1,
  "text":"a\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00\u007f ñ", "list":[1,"two",[],{}, [[null]]], "z":{"y":{"x":3}}} )";

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

} // namespace

TEST(JsonCheck, TakesWhatRfc8259Allows)
{
    for (const std::string &text :
         {"0"s, "-0"s, "\"\""s, " null "s, "[]"s, "{}"s, "\t\r\n[ ]"s, "1e5"s, "1E+5"s, "1.0e-5"s,
          "\"\x7f\""s, "\"\\u00e9\""s, "{\"a\":1,\"A\":1}"s, std::string(sample)})
        EXPECT_TRUE(json::check(text)) << text;
}

TEST(JsonCheck, RefusesEverythingElse)
{
    for (const std::string &text : {""s,
                                    " "s,
                                    "nul"s,
                                    "nulll"s,
                                    "True"s,
                                    "[1,]"s,
                                    "[,1]"s,
                                    "[1 2]"s,
                                    "{\"a\"}"s,
                                    "{\"a\":}"s,
                                    "{\"a\":1,}"s,
                                    "{a:1}"s,
                                    "{'a':1}"s,
                                    "{1:1}"s,
                                    "[1"s,
                                    "{"s,
                                    "]"s,
                                    "\""s,
                                    "\"\\"s,
                                    "\"\\x\""s,
                                    "\"\\u12\""s,
                                    "\"\\u12g4\""s,
                                    "01"s,
                                    "-01"s,
                                    "+1"s,
                                    "1."s,
                                    ".5"s,
                                    "1e"s,
                                    "1e+"s,
                                    "-"s,
                                    "0x1"s,
                                    "NaN"s,
                                    "Infinity"s,
                                    "- 1"s,
                                    "1 2"s,
                                    "{} {}"s,
                                    "// c\n1"s,
                                    "/* c */1"s,
                                    "var x = 1;"s,
                                    "\xef\xbb\xbf{}"s,
                                    "\"\n\""s,
                                    "\"\t\""s,
                                    "\"a\0b\""s,
                                    "1\0"s,
                                    "\0"s,
                                    "\"\\u0000\""s,
                                    "\"\\ud800\""s,
                                    "\"\\ud800x\""s,
                                    "\"\\ud800\\n\""s,
                                    "\"\\ud800\\u0041\""s,
                                    "\"\\udc00\""s,
                                    "\"\\udc00\\ud800\""s,
                                    "\"\xff\""s,
                                    "\"\xc0\x80\""s,
                                    "\"\xed\xa0\x80\""s,
                                    "\xa0"
                                    "1"s,
                                    "{\"a\":1,\"a\":2}"s,
                                    "{\"a\":1,\"\\u0061\":2}"s,
                                    "9223372036854775808"s,
                                    "-9223372036854775809"s,
                                    "1234567890123456789012345678901234567890"s,
                                    "1e400"s,
                                    "-1e400"s}) {
        Status status = json::check(text);
        ASSERT_FALSE(status) << text;
        EXPECT_EQ(status.error().code, ErrorCode::invalid_argument) << text;
    }
}

TEST(JsonCheck, SaysWhere)
{
    EXPECT_EQ(json::check("[1,x]").error().message,
              "the JSON document is not acceptable at byte 3: a value was expected");
}

TEST(JsonCheck, KeepsToItsLimits)
{
    EXPECT_TRUE(json::check(nested(32)));
    EXPECT_EQ(json::check(nested(33)).error().code, ErrorCode::too_large);
    EXPECT_EQ(json::check(std::string(500000, '[')).error().code, ErrorCode::too_large);
    EXPECT_EQ(json::check(nested(5000), {1 << 20, 1000000}).error().code, ErrorCode::too_large);
    EXPECT_TRUE(Value::parse(nested(256), {1 << 20, 1000000})); // json-glib bears that much
    EXPECT_TRUE(json::check("12345", {5, 1}));
    EXPECT_EQ(json::check("123456", {5, 1}).error().code, ErrorCode::too_large);
    EXPECT_EQ(json::check("[]", {5, 0}).error().code, ErrorCode::too_large);
}

TEST(JsonValue, ReadsEveryType)
{
    auto parsed = Value::parse(sample);
    ASSERT_TRUE(parsed);
    const Value &value = *parsed;
    EXPECT_EQ(value["id"].integer(), -7);
    EXPECT_EQ(value["big"].integer(), INT64_MAX);
    EXPECT_EQ(value["small"].integer(), INT64_MIN);
    EXPECT_EQ(value["real"].number(), 1.5e-3);
    EXPECT_EQ(value["whole"].number(), 2.0);
    EXPECT_FALSE(value["whole"].integer());
    EXPECT_EQ(value["zero"].integer(), 0);
    EXPECT_EQ(value["exp"].number(), 100.0);
    EXPECT_FALSE(value["exp"].integer());
    EXPECT_EQ(value["id"].number(), -7.0);
    EXPECT_EQ(value["yes"].boolean(), true);
    EXPECT_EQ(value["no"].boolean(), false);
    EXPECT_EQ(value["empty"].string(), "");
    EXPECT_EQ(value[""].integer(), 1);
    EXPECT_EQ(value["text"].string(), "a\"\\/\b\f\n\r\té😀\x7f ñ");
    EXPECT_EQ(value["z"]["y"]["x"].integer(), 3);
    EXPECT_EQ(value["list"].items().size(), 5u);
    EXPECT_EQ(value["list"].items()[1].string(), "two");
    EXPECT_EQ(value["z"].keys(), std::vector<std::string>{"y"});
    EXPECT_EQ(value.keys().front(), "id");
    EXPECT_EQ(value.keys().back(), "z");
}

TEST(JsonValue, IsNullWhereThereIsNothing)
{
    Value value = Value::parse(sample).value_or(Value());
    for (const Value &none : {Value(), value["none"], value["missing"], value["id"]["x"], value["id\0"s]}) {
        EXPECT_TRUE(none.is_null());
        EXPECT_FALSE(none.is_object() || none.is_array() || none.is_string());
        EXPECT_FALSE(none.string() || none.integer() || none.number() || none.boolean());
        EXPECT_TRUE(none.items().empty() && none.keys().empty());
    }
    EXPECT_EQ(value["none"].string_or("x"), "x");
    EXPECT_EQ(value["text"].integer_or(5), 5);
    EXPECT_FALSE(value["yes"].integer() || value["yes"].number() || value["id"].boolean());
}

TEST(JsonValue, KeepsTheDocumentAlive)
{
    Value inner;
    {
        auto parsed = Value::parse(R"({"a":{"b":"still here"}})");
        ASSERT_TRUE(parsed);
        inner = (*parsed)["a"];
    }
    EXPECT_EQ(inner["b"].string(), "still here");
}

TEST(JsonValue, SurvivesMutatedDocuments)
{
    std::mt19937 random(8259);
    const std::string pieces = "{}[]\",:\\u0dD8-+.eE19 \n\x80\xff\xc3tfn";
    unsigned accepted = 0;
    for (int round = 0; round < 30000; ++round) {
        std::string text = sample;
        for (unsigned edits = random() % 4 + 1; edits > 0; --edits) {
            std::size_t at = random() % text.size();
            switch (random() % 4) {
            case 0:
                text[at] = pieces[random() % pieces.size()];
                break;
            case 1:
                text.erase(at, random() % 5 + 1);
                break;
            case 2:
                text.insert(at, 1, pieces[random() % pieces.size()]);
                break;
            default:
                text.insert(at, text.substr(random() % text.size(), random() % 20));
            }
        }
        bool good = json::check(text).has_value();
        auto value = Value::parse(text);
        // json-glib must read whatever the gate lets pass: else one of the two is wrong.
        ASSERT_EQ(good, value.has_value()) << text;
        accepted += good;
    }
    EXPECT_GT(accepted, 100u);
}

TEST(JsonWriter, WritesNestedDocuments)
{
    Writer w;
    w.begin_object()
        .member("id", 7)
        .member("name", "a")
        .key("tags")
        .begin_array()
        .value("x")
        .value(true)
        .null();
    w.begin_object().end_object().begin_array().end_array().end_array();
    w.member("real", 0.1).member("most", UINT64_MAX).member("least", INT64_MIN).member("nan", std::nan(""));
    w.key("raw").raw("[1]").end_object();
    EXPECT_EQ(w.take(), R"({"id":7,"name":"a","tags":["x",true,null,{},[]],"real":0.1,)"
                        R"("most":18446744073709551615,"least":-9223372036854775808,"nan":null,"raw":[1]})");
    EXPECT_EQ(w.value("again").take(), "\"again\"");
}

TEST(JsonWriter, EscapesSoThatTheGateAndTheReaderAgree)
{
    std::string every;
    for (int c = 1; c < 128; ++c)
        every += static_cast<char>(c);
    every += "é😀";
    std::string document = Writer().begin_object().member(every, every).end_object().take();
    auto value = Value::parse(document);
    ASSERT_TRUE(value) << document;
    EXPECT_EQ(value->keys(), std::vector<std::string>{every});
    EXPECT_EQ((*value)[every].string(), every);
    EXPECT_EQ(Writer().value("a\xff\0b\xe2\x82"s).take(), "\"a\uFFFD\uFFFDb\uFFFD\uFFFD\"");
}

TEST(JsonWriter, ReadsBackDoublesExactly)
{
    for (double number : {0.1, 1e300, -2.5e-300, 5e-324, 1.7976931348623157e308, 123456789.125}) {
        auto value = Value::parse(Writer().value(number).take());
        ASSERT_TRUE(value) << number;
        EXPECT_EQ(value->number(), number);
    }
}

TEST(JsonWriterDeathTest, AssertsOnMisuse)
{
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_DEATH(Writer().value(1).value(2), "");
    EXPECT_DEATH(Writer().begin_object().value(1), "");
    EXPECT_DEATH(Writer().begin_object().end_array(), "");
    EXPECT_DEATH(Writer().begin_array().key("a"), "");
    EXPECT_DEATH(Writer().begin_array().take(), "");
}
