//! Enums that are words: the same text in the database, in JSON and in OpenAPI.

/// Declares an enum whose variants are snake_case words. Implements Display, FromStr, serde, sqlx (any database with text) and
/// ToSchema. `text_enum! { /// doc  Role { Admin = "admin", Member = "member" } }`. A word is taken as a token, not as a
/// literal: ToSchema reads no rename out of a literal that a macro has wrapped.
macro_rules! text_enum {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $word:tt),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
        pub enum $name { $($(#[$vmeta])* #[serde(rename = $word)] $variant,)+ }

        impl $name {
            /// Every value, in order of declaration.
            pub const ALL: &'static [$name] = &[$($name::$variant,)+];

            /// The word it is written as.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word,)+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = String;
            fn from_str(word: &str) -> Result<Self, String> {
                Self::ALL.iter().copied().find(|v| v.as_str() == word)
                    .ok_or_else(|| format!("{word:?} is not one of {}", Self::ALL.iter().map(|v| v.as_str()).collect::<Vec<_>>().join(", ")))
            }
        }

        impl<D: sqlx::Database> sqlx::Type<D> for $name where String: sqlx::Type<D> {
            fn type_info() -> D::TypeInfo {
                <String as sqlx::Type<D>>::type_info()
            }
            fn compatible(ty: &D::TypeInfo) -> bool {
                <String as sqlx::Type<D>>::compatible(ty)
            }
        }

        impl<'q, D: sqlx::Database> sqlx::Encode<'q, D> for $name where String: sqlx::Encode<'q, D> {
            fn encode_by_ref(&self, buf: &mut <D as sqlx::Database>::ArgumentBuffer)
                -> Result<sqlx::encode::IsNull, sqlx::error::BoxDynError> {
                <String as sqlx::Encode<'q, D>>::encode(self.as_str().to_owned(), buf)
            }
        }

        impl<'r, D: sqlx::Database> sqlx::Decode<'r, D> for $name where String: sqlx::Decode<'r, D> {
            fn decode(value: <D as sqlx::Database>::ValueRef<'r>) -> Result<Self, sqlx::error::BoxDynError> {
                Ok(<String as sqlx::Decode<'r, D>>::decode(value)?.parse::<$name>()?)
            }
        }
    };
}
pub(crate) use text_enum;
