"""The site for training and examining AEO certified personnel 认证人员 at three bases."""
