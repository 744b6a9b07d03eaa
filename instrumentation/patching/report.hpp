// What a survey shows, in the words of <xray/patch.hpp>.
#pragma once

#include <string_view>
#include <vector>

#include <xray/patch.hpp>

#include "patching/linked_hook.hpp"
#include "patching/survey.hpp"

XRAY_NAMESPACE_BEGIN
namespace patching {

/// Reads every slot as it is now. `asked` and `linked` by client, `failed` by slot; `names`: what
/// the user asked for, null for all: those that no client has are named too. Throws std::bad_alloc.
PatchReport make_report(const Survey& survey, const std::vector<bool>& asked,
                        const std::vector<bool>& failed,
                        const std::vector<std::vector<LinkedHook>>& linked,
                        const std::vector<std::string_view>* names);

}  // namespace patching
XRAY_NAMESPACE_END
