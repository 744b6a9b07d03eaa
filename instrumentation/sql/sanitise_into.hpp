// sanitise(), with something to count its steps.
#pragma once

#include <string_view>

#include <xray/config.hpp>

#include "sql/sanitise.hpp"
#include "sql/sanitiser.hpp"

XRAY_NAMESPACE_BEGIN
namespace sql {

template <class Meter>
void sanitise_into(std::string_view statement, Dialect dialect, BoundedText& out,
                   Meter& meter) noexcept {
  const std::string_view text = statement.substr(0, longest_read);
  switch (dialect) {
    case Dialect::sqlite:
      Sanitiser<Dialect::sqlite, Meter>(text, out, meter).run();
      break;
    case Dialect::postgresql:
      Sanitiser<Dialect::postgresql, Meter>(text, out, meter).run();
      break;
    case Dialect::mysql:
      Sanitiser<Dialect::mysql, Meter>(text, out, meter).run();
      break;
    case Dialect::unknown:
      Sanitiser<Dialect::unknown, Meter>(text, out, meter).run();
      break;
  }
  if (text.size() < statement.size()) out.set_cut();
  out.finish();
}

}  // namespace sql
XRAY_NAMESPACE_END
