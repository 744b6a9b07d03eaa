#include "backlog/batch.hpp"

namespace xrayd::backlog {

Batch select(const Batch& batch, const std::vector<std::size_t>& indices) {
  Batch chosen;
  chosen.begun = batch.begun;
  chosen.attempts = batch.attempts;
  chosen.throttles = batch.throttles;
  std::size_t size = batch_prefix.size() + batch_suffix.size();
  for (const std::size_t i : indices) size += batch.documents[i].size + 3;
  chosen.body.reserve(size);
  chosen.documents.reserve(indices.size());
  chosen.body = batch_prefix;
  for (const std::size_t i : indices) {
    if (!chosen.documents.empty()) chosen.body += ',';
    chosen.body += '"';
    chosen.documents.push_back(
        {static_cast<std::uint32_t>(chosen.body.size()), batch.documents[i].size});
    chosen.body += batch.document(i);
    chosen.body += '"';
  }
  chosen.body += batch_suffix;
  return chosen;
}

}  // namespace xrayd::backlog
