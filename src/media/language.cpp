// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/media/language.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace butaca::media {

namespace {

struct Name {
    std::string_view tag;
    std::string_view own;
};
constexpr std::array<Name, 40> names = {{
    {"ar", "العربية"},  {"bg", "Български"},  {"ca", "Català"},      {"cs", "Čeština"},
    {"da", "Dansk"},    {"de", "Deutsch"},    {"el", "Ελληνικά"},    {"en", "English"},
    {"es", "Español"},  {"et", "Eesti"},      {"eu", "Euskara"},     {"fa", "فارسی"},
    {"fi", "Suomi"},    {"fr", "Français"},   {"gl", "Galego"},      {"he", "עברית"},
    {"hi", "हिन्दी"},    {"hr", "Hrvatski"},   {"hu", "Magyar"},      {"id", "Indonesia"},
    {"is", "Íslenska"}, {"it", "Italiano"},   {"ja", "日本語"},      {"ko", "한국어"},
    {"lt", "Lietuvių"}, {"lv", "Latviešu"},   {"nb", "Norsk"},       {"nl", "Nederlands"},
    {"no", "Norsk"},    {"pl", "Polski"},     {"pt", "Português"},   {"ro", "Română"},
    {"ru", "Русский"},  {"sk", "Slovenčina"}, {"sl", "Slovenščina"}, {"sv", "Svenska"},
    {"th", "ไทย"},      {"tr", "Türkçe"},     {"uk", "Українська"},  {"zh", "中文"},
}};

char lower(char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); }

bool same(std::string_view a, std::string_view b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return lower(x) == lower(y); });
}

} // namespace

bool serves(std::string_view offered, std::string_view wanted)
{
    if (wanted.empty() || offered.size() < wanted.size() || !same(offered.substr(0, wanted.size()), wanted))
        return false;
    return offered.size() == wanted.size() || offered[wanted.size()] == '-';
}

std::string own_language_name(std::string_view tag)
{
    auto primary = tag.substr(0, tag.find('-'));
    for (const auto &name : names)
        if (same(name.tag, primary))
            return std::string(name.own);
    return {};
}

} // namespace butaca::media
