#include "clients/known_clients.hpp"

#include "clients/curl/client.hpp"
#include "clients/mysql/mysql_client.hpp"
#include "clients/postgresql/client.hpp"
#include "clients/redis/client.hpp"
#include "clients/sqlite/client.hpp"

XRAY_NAMESPACE_BEGIN
namespace clients {

std::vector<patching::Client> known_clients() {
  std::vector<patching::Client> clients;
  clients.push_back(sqlite::client());
  clients.push_back(mysql::client());
  clients.push_back(postgresql_client());
  clients.push_back(redis::client());
  clients.push_back(curl::client());
  return clients;
}

}  // namespace clients
XRAY_NAMESPACE_END
