// Documents of resource policies.
#pragma once

#include <string>
#include <string_view>

namespace xrayd::local {

/// Why the text is no policy, in a sentence for the caller; empty if it is one: a JSON object with
/// at least one statement, each with an effect, a principal and an action. What the policy allows
/// is not looked at: nobody is kept from anything here.
[[nodiscard]] std::string policy_document_fault(std::string_view document);

/// A statement denies everybody, without any condition, to put policies: X-Ray refuses that, for
/// the policy could not be changed any more. `document` is one that has no fault.
[[nodiscard]] bool locks_everybody_out(std::string_view document);

}  // namespace xrayd::local
