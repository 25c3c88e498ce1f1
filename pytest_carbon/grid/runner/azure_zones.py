"""The grid zones of the regions of Azure: the country, state or province that Microsoft names as a region's place."""

from __future__ import annotations

from collections.abc import Mapping

_REGIONS_OF = {
    "AE": "uaenorth uaecentral", "AT": "austriaeast",
    "AU": "australiaeast australiasoutheast australiacentral australiacentral2",
    "BE": "belgiumcentral", "BR": "brazilsouth brazilsoutheast", "CA-ON": "canadacentral", "CA-QC": "canadaeast",
    "CH": "switzerlandnorth switzerlandwest", "CL": "chilecentral", "DE": "germanywestcentral germanynorth",
    "DK": "denmarkeast", "ES": "spaincentral", "FR": "francecentral francesouth", "GB": "uksouth ukwest",
    "GR": "greececentral", "HK": "eastasia", "ID": "indonesiacentral", "IE": "northeurope",
    "IL": "israelcentral", "IN": "centralindia southindia westindia indiasouthcentral", "IT": "italynorth",
    "JP": "japaneast japanwest", "KR": "koreacentral koreasouth", "MX": "mexicocentral", "MY": "malaysiawest",
    "NL": "westeurope", "NO": "norwayeast norwaywest", "NZ": "newzealandnorth", "PL": "polandcentral",
    "QA": "qatarcentral", "SE": "swedencentral swedensouth", "SG": "southeastasia", "TW": "taiwannorth",
    "US-AZ": "westus3", "US-CA": "westus", "US-GA": "eastus3", "US-IA": "centralus", "US-IL": "northcentralus",
    "US-TX": "southcentralus", "US-VA": "eastus eastus2", "US-WA": "westus2", "US-WY": "westcentralus",
    "ZA": "southafricanorth southafricawest",
}  # fmt: skip
AZURE_ZONES: Mapping[str, str] = {region: zone for zone, names in _REGIONS_OF.items() for region in names.split()}
"""The zone of each region."""
