"""The webcam on the server's side: frames come in over a WebSocket, answers go back. No Streamlit here."""
