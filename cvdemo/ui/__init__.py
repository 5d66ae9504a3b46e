"""The Streamlit side of cvdemo: inputs, panels, caching and layout. Nothing else in the package imports Streamlit."""
