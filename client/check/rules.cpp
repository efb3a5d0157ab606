// SPDX-License-Identifier: LGPL-2.1-or-later
#include "client/check/rules.h"

namespace butaca::client::check {

const RuleEntry &entry_of(Rule rule) { return rules()[static_cast<std::size_t>(rule)]; }

const char *to_string(Severity severity)
{
    switch (severity) {
    case Severity::must:
        return "MUST";
    case Severity::should:
        return "SHOULD";
    case Severity::note:
        return "NOTE";
    }
    return "NOTE";
}

const char *demand_of(const RuleEntry &entry, Language language)
{
    return language == Language::spanish ? entry.demand_es : entry.demand_en;
}

std::string found_words(const RuleEntry &entry, std::span<const std::string> values, Language language)
{
    return fill_in(language == Language::spanish ? entry.found_es : entry.found_en, values);
}

std::string rules_in_markdown(Language language)
{
    std::string out = language == Language::spanish
                          ? "| regla | | cláusula | lo que pide |\n|---|---|---|---|\n"
                          : "| rule | | clause | what it asks for |\n|---|---|---|---|\n";
    for (const RuleEntry &entry : rules())
        out += std::string("| `") + entry.id + "` | " + to_string(entry.severity) + " | " + entry.clause +
               " | " + demand_of(entry, language) + " |\n";
    return out;
}

} // namespace butaca::client::check
